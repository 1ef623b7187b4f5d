import type { IDataObject } from 'n8n-workflow';
import type { ReplayedArrival } from '../../decisions/assignmentReplay';
import {
	reportReplay,
	type AssignmentReplayReport,
	type WaitFigures,
} from '../../decisions/assignmentReplayReport';
import type { AssignmentStrategy } from '../../decisions/contracts';
import { teamParameter } from '../../descriptions/common';
import { historyOf, replayed, type PastAgent } from './assignmentPast';
import { periodItem, periodOf, periodParameters } from './period';
import { listParameters, locatorValue, type StoreOperation } from './resource';
import { hours, outputParameter, shownFor, strategyParameter } from './reportForm';

/** Tries a policy on the past: who would have got what, and how long anybody would have waited. */
export const replayAssignment: StoreOperation = {
	name: 'Replay Assignment',
	value: 'replayAssignment',
	action: 'Replay assignment over past conversations',
	description:
		'Tries a strategy on conversations of the past: who would have got what, how full agents would have been, how long customers would have waited. Changes nothing.',
	parameters: [
		strategyParameter('replayStrategy', 'What to try'),
		{
			displayName: 'Only Online Agents',
			name: 'onlyOnline',
			type: 'boolean',
			default: true,
			description: 'Whether to leave out agents at times when they were away or offline',
		},
		...periodParameters,
		outputParameter('replayOutput', [
			{ name: 'Agents', value: 'agents', description: 'One item for each agent, then and now' },
			{
				name: 'Conversations',
				value: 'conversations',
				description: 'One item for each that would have gone elsewhere, with the reason',
			},
			{
				name: 'Summary',
				value: 'summary',
				description: 'One item: how many would differ, waits then and now, what to know',
			},
		]),
		...listParameters.map((each) => shownFor('replayOutput', 'conversations', each)),
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [
				{
					displayName: 'Most Open Conversations',
					name: 'maxOpen',
					type: 'number',
					typeOptions: { minValue: 1 },
					default: 5,
					description:
						'Leave out agents who have this many open conversations, also when their own capacity is higher',
				},
				teamParameter({
					description:
						'Count only conversations of this team. All are replayed, since agents may have several teams.',
				}),
			],
		},
	],
	async run(call) {
		const period = periodOf(call);
		const options = call.collection('options');
		const team = locatorValue(options.team);
		if (team) await call.store.getTeam(team);
		const output = call.text('replayOutput');
		const most =
			output !== 'conversations' ? 0 : call.flag('returnAll') ? Infinity : call.number('limit');
		const strategy = call.text('replayStrategy') as AssignmentStrategy;
		const policy = {
			strategy,
			onlyOnline: call.flag('onlyOnline'),
			maxOpen: options.maxOpen === undefined ? null : Number(options.maxOpen),
		};
		const history = await historyOf(call.store, period);
		const result = await replayed(history, policy, team ? Infinity : most);
		const report = reportReplay(result, ({ arrival }) => !team || arrival.team === team);
		const names = new Map(history.agents.map(({ key, name }) => [key, name]));
		switch (output) {
			case 'agents':
				return agentItems(report, history.agents, team);
			case 'conversations':
				return report.differing.slice(0, most).map((each) => conversationItem(each, names));
			default:
				return { ...periodItem(period), ...policy, ...summaryItem(report, history.agents) };
		}
	},
};

/** Members of the team, and whoever else had something of it, or would have. */
function agentItems(
	{ agents }: AssignmentReplayReport,
	roster: PastAgent[],
	team: string,
): IDataObject[] {
	const members = new Set(
		roster.filter(({ teams }) => !team || teams.includes(team)).map(({ key }) => key),
	);
	return agents
		.filter(({ key, happened, replayed: would }) => members.has(key) || happened + would > 0)
		.map(({ online, ...agent }) => ({ ...agent, onlineHours: hours(online) }));
}

function summaryItem(report: AssignmentReplayReport, roster: PastAgent[]): IDataObject {
	const { waits, neverAssigned } = report;
	return {
		conversations: report.conversations,
		same: report.same,
		different: report.different,
		differentShare: report.differentShare,
		byHand: report.byHand,
		waits: { happened: seconds(waits.happened), replayed: seconds(waits.replayed) },
		neverAssigned: { ...neverAssigned },
		notes: notesOf(report, roster),
	};
}

const seconds = ({ assigned, atOnce, ...waits }: WaitFigures): IDataObject => {
	const of = (wait: number | null) => (wait === null ? null : Math.round(wait / 1000));
	return {
		...{ assigned, atOnce, meanSeconds: of(waits.mean), medianSeconds: of(waits.median) },
		...{ percentile95Seconds: of(waits.percentile95), longestSeconds: of(waits.longest) },
	};
};

/** What a reader must know before trusting the figures. */
function notesOf({ byHand, agents }: AssignmentReplayReport, roster: PastAgent[]): string[] {
	const untold = roster.filter(({ told }) => !told).map(({ name }) => name);
	const known = new Set(roster.map(({ key }) => key));
	const gone = agents.filter(({ key, happened }) => happened > 0 && !known.has(key));
	const notes: Array<[unknown, string]> = [
		[
			true,
			'Each conversation lasts as long as it did, whoever has it; one that never closed lasts to the end',
		],
		[true, 'Teams, capacity, skills and languages of agents are as they are now'],
		[
			true,
			'At the beginning of the period nobody has anything open, and everybody is level in turns',
		],
		[
			untold.length,
			`Nothing tells when these agents were there, so that they count as what they are now: ${listed(untold)}`,
		],
		[
			gone.length,
			`These had conversations then, and are no agents any more: ${listed(gone.map(({ key }) => key))}`,
		],
		[byHand, `${byHand} conversations were given by a person or a platform, and are so again`],
	];
	return notes.flatMap(([applies, note]) => (applies ? [note] : []));
}

const LISTED = 20;
const listed = (names: string[]) =>
	names.slice(0, LISTED).join(', ') +
	(names.length > LISTED ? ` and ${names.length - LISTED} more` : '');

function conversationItem(
	{ arrival, agent, at, waits, explanation }: ReplayedArrival,
	names: Map<string, string>,
): IDataObject {
	const assigned = (who: string, when: number): IDataObject => ({
		agent: { key: who, name: names.get(who) ?? who },
		at: new Date(when).toISOString(),
		waitedSeconds: Math.round((when - arrival.at) / 1000),
	});
	const { happened } = arrival;
	return {
		conversationId: arrival.id,
		askedAt: new Date(arrival.at).toISOString(),
		team: arrival.team,
		happened: happened && assigned(happened.agent, happened.at),
		wouldGo: agent === null || at === null ? null : { ...assigned(agent, at), explanation },
		wouldWaitStill: waits,
	};
}
