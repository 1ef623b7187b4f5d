import type { IDataObject } from 'n8n-workflow';
import { teamParameter } from '../../descriptions/common';
import { policyParameters } from '../../RouteToTeam/parameters';
import {
	formOfCopy,
	formOfNode,
	readPastPolicy,
	withSavedFilters,
} from '../../RouteToTeam/pastPolicy';
import { Replay, type Replayed, type ReplayPeriod } from '../../RouteToTeam/replay';
import type { PolicyForm } from '../../RouteToTeam/rules';
import { storeError } from '../../store/errors';
import { replayItem, replaySummary } from './replayReport';
import { shownFor } from './reportForm';
import { listParameters, locatorValue, type OperationCall, type StoreOperation } from './resource';

const DAY = 24 * 60 * 60_000;
const DEFAULT_DAYS = 30;

/** Tries rules on the past: who would have gone where, and what differs from what happened. */
export const replayRouting: StoreOperation = {
	name: 'Replay Routing',
	value: 'replayRouting',
	action: 'Replay routing over past conversations',
	description:
		'Tries rules on conversations of the past: who would have gone where, and what differs from what happened. Changes nothing.',
	parameters: [
		{
			displayName: 'Rules From',
			name: 'rulesFrom',
			type: 'options',
			noDataExpression: true,
			options: [
				{ name: 'Define Below', value: 'define' },
				{
					name: 'Paste a Route to Team Node',
					value: 'paste',
					description: 'A node that was copied from any canvas',
				},
				{
					name: 'Route to Team Node in This Workflow',
					value: 'node',
					description: 'As it is saved now; it need not run',
				},
			],
			default: 'define',
			description: 'Which rules to try',
		},
		...policyParameters.map((each) => shownFor('rulesFrom', 'define', each)),
		shownFor('rulesFrom', 'paste', {
			displayName: 'Copied Node',
			name: 'copiedNode',
			type: 'json',
			default: '',
			required: true,
			placeholder: 'e.g. {"nodes": [{"type": "…routeToTeam", "parameters": {}}]}',
			description: 'Select the Route to Team node on the canvas, copy it, and paste it here',
		}),
		shownFor('rulesFrom', 'node', {
			displayName: 'Node Name',
			name: 'routeNode',
			type: 'string',
			default: 'Route to Team',
			required: true,
			placeholder: 'e.g. Route to Team',
			description: 'The name of the Route to Team node, as it stands under it',
		}),
		{
			displayName: 'Opened After',
			name: 'openedAfter',
			type: 'dateTime',
			default: '',
			description: 'Where the period begins; 30 days before its end when empty',
		},
		{
			displayName: 'Opened Before',
			name: 'openedBefore',
			type: 'dateTime',
			default: '',
			description: 'Where the period ends; now when empty',
		},
		{
			displayName: 'Output',
			name: 'replayOutput',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'Conversations',
					value: 'conversations',
					description: 'One item for each, with what happened and what would have',
				},
				{
					name: 'Summary',
					value: 'summary',
					description: 'One item: teams then and now, moves, and what each rule did',
				},
			],
			default: 'summary',
			description: 'What to return',
		},
		shownFor('replayOutput', 'conversations', {
			displayName: 'Only What Differs',
			name: 'onlyDifferent',
			type: 'boolean',
			default: true,
			description: 'Whether to return only conversations that would have gone elsewhere',
		}),
		...listParameters.map((each) => shownFor('replayOutput', 'conversations', each)),
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add filter',
			default: {},
			options: [
				{
					displayName: 'Channel',
					name: 'channel',
					type: 'string',
					default: '',
					placeholder: 'e.g. whatsapp',
					description: 'Only conversations that opened on it, as conversation.channel names it',
				},
				teamParameter({
					description: 'Only conversations that went to this team, or would have',
				}),
			],
		},
	],
	async run(call) {
		const tried = readPastPolicy(formOf(call));
		const period = periodOf(call);
		const replay = await Replay.of(call.store, tried);
		return call.text('replayOutput') === 'conversations'
			? await conversations(call, replay.run(period))
			: await replaySummary(replay, period, tried);
	},
};

function formOf(call: OperationCall): PolicyForm {
	switch (call.text('rulesFrom')) {
		case 'paste':
			return formOfCopy(call.value('copiedNode'));
		case 'node':
			return formOfNode(call.savedOf(call.text('routeNode')));
		default: {
			const { rules } = call.saved() as PolicyForm;
			return withSavedFilters(
				{
					rules: call.collection('rules') as PolicyForm['rules'],
					fallbackTeam: call.text('fallbackTeam'),
					options: call.collection('options') as PolicyForm['options'],
				},
				{ rules },
			);
		}
	}
}

function periodOf(call: OperationCall): ReplayPeriod {
	const openedBefore = call.moment('openedBefore', 'Opened Before') ?? call.store.clock();
	const openedFrom =
		call.moment('openedAfter', 'Opened After') ?? openedBefore - DEFAULT_DAYS * DAY;
	if (openedFrom >= openedBefore) {
		throw storeError(
			'InvalidInput',
			"'Opened After' is not before 'Opened Before'",
			'Choose a period that begins before it ends',
		);
	}
	const filters = call.collection('filters');
	const channel = String(filters.channel ?? '').trim();
	const team = locatorValue(filters.team);
	return {
		...{ openedFrom, openedBefore },
		...(channel ? { channel } : {}),
		...(team ? { team } : {}),
	};
}

async function conversations(
	call: OperationCall,
	replayed: AsyncIterable<Replayed>,
): Promise<IDataObject[]> {
	const most = call.flag('returnAll') ? Infinity : call.number('limit');
	const onlyDifferent = call.flag('onlyDifferent');
	const items: IDataObject[] = [];
	for await (const each of replayed) {
		if (items.length >= most) break;
		if (!onlyDifferent || each.differs === true) items.push(replayItem(each));
	}
	return items;
}
