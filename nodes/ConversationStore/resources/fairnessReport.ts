import type { IDataObject } from 'n8n-workflow';
import { fairnessOf, timeOnline, type AgentFairness } from '../../decisions/fairness';
import { teamParameter } from '../../descriptions/common';
import type { ReportPeriod } from '../../store/operations/reportedEvents';
import type { ConversationStore } from '../../store/store';
import { pastAgents, type PastAgent } from './assignmentPast';
import { periodItem, periodOf, periodParameters } from './period';
import { hours, outputParameter, rounded } from './reportForm';
import type { StoreOperation } from './resource';

/** Whether agents got their share of conversations, by the time that they were there. */
export const fairnessReport: StoreOperation = {
	name: 'Fairness Report',
	value: 'fairnessReport',
	action: 'Get a fairness report of agents',
	description:
		"What each agent was given in a period, compared with the share that their time online was of everybody's",
	parameters: [
		...periodParameters,
		teamParameter({
			description: 'Only conversations and agents of this team; all when empty',
		}),
		outputParameter('fairnessOutput', [
			{ name: 'Agents', value: 'agents', description: 'One item for each agent' },
			{
				name: 'Summary',
				value: 'summary',
				description: 'One item: how even it was, with the agents in it',
			},
		]),
	],
	async run(call) {
		const period = periodOf(call);
		const team = call.text('team');
		// A key that is mistyped would give a report of nothing.
		if (team) await call.store.getTeam(team);
		const agents = (await pastAgents(call.store, period.from)).filter(
			({ teams }) => !team || teams.includes(team),
		);
		const given = await assignmentsOf(call.store, period, team);
		const report = fairnessOf(
			agents.map((agent) => ({
				key: agent.key,
				name: agent.name,
				...(given.get(agent.key) ?? { assignments: 0, byHand: 0 }),
				online: timeOnline(agent, period.from, period.before),
			})),
		);
		const items = report.agents.map(agentItem);
		if (call.text('fairnessOutput') === 'agents') return items;
		const { spread, gini } = report;
		return {
			...periodItem(period),
			team: team || null,
			assignments: report.assignments,
			byHand: report.byHand,
			onlineHours: hours(report.online),
			spread: spread && {
				highest: rounded(spread.highest, 3),
				lowest: rounded(spread.lowest, 3),
				difference: rounded(spread.difference, 3),
			},
			gini: gini === null ? null : rounded(gini, 3),
			agents: items,
			notes: notesOf(agents, given),
		};
	},
};

const agentItem = ({ online, expected, index, assignmentsPerHour, ...agent }: AgentFairness) => ({
	...agent,
	onlineHours: hours(online),
	expected: rounded(expected, 2),
	index: index === null ? null : rounded(index, 3),
	assignmentsPerHour: assignmentsPerHour === null ? null : rounded(assignmentsPerHour, 3),
});

type Given = { assignments: number; byHand: number };

async function assignmentsOf(
	store: ConversationStore,
	period: ReportPeriod,
	team: string,
): Promise<Map<string, Given>> {
	const given = new Map<string, Given>();
	for await (const { data } of store.reportedEvents({ ...period, type: 'assigned' })) {
		if (typeof data.agent !== 'string' || (team && data.team !== team)) continue;
		const known = given.get(data.agent) ?? { assignments: 0, byHand: 0 };
		if (data.decision) known.assignments++;
		else known.byHand++;
		given.set(data.agent, known);
	}
	return given;
}

function notesOf(agents: PastAgent[], given: Map<string, Given>): IDataObject['notes'] {
	const untold = agents.filter(({ told }) => !told).map(({ name }) => name);
	const known = new Set(agents.map(({ key }) => key));
	const others = [...given].filter(([key]) => !known.has(key));
	const left = others.reduce((sum, [, { assignments }]) => sum + assignments, 0);
	const notes: Array<[unknown, string]> = [
		[
			untold.length,
			`Nothing tells when ${untold.length} agents were there, so that they count as what they are now: ${untold.slice(0, 20).join(', ')}`,
		],
		[
			left,
			`${left} more assignments went to people who are no longer among these agents; they are not counted`,
		],
	];
	return notes.flatMap(([applies, note]) => (applies ? [note] : []));
}
