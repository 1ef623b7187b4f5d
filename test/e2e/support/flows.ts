import { PACKAGE_NAME } from '../../host/paths';
import type { JsonObject, WorkflowDraft, WorkflowNode } from '../../host/types';

/** Node types of the pack by their short names. */
export const ours = (name: string) => `${PACKAGE_NAME}.${name}`;

export function node(
	name: string,
	type: string,
	parameters: JsonObject,
	extra: JsonObject = {},
): WorkflowNode {
	const typeVersion = type.startsWith(PACKAGE_NAME) ? 1.1 : 1;
	return { name, type, typeVersion, position: [0, 0], parameters, ...extra } as WorkflowNode;
}

/** One node behind the other, by their first outputs. */
export function chain(
	name: string,
	nodes: WorkflowNode[],
	settings: JsonObject = {},
): WorkflowDraft {
	const connections: JsonObject = {};
	for (const [index, { name: from }] of nodes.slice(0, -1).entries()) {
		connections[from] = {
			main: [[{ node: nodes[index + 1]!.name, type: 'main', index: 0 }]],
		};
	}
	return {
		name,
		nodes,
		connections,
		settings: { executionOrder: 'v1', ...settings },
	} as unknown as WorkflowDraft;
}

export const byKey = (value: string) => ({ __rl: true, mode: 'id', value });

export function opened(options: JsonObject = {}, channel = 'whatsapp'): WorkflowNode {
	return node('Conversation Opened', ours('conversationOpenedTrigger'), {
		channel,
		sources: ['contact', 'ctc_ads'],
		options,
	});
}

export const enrich = () =>
	node('Enrich Contact', ours('enrichContact'), {
		sources: ['history', 'phone', 'language'],
		fields: {},
		options: {},
	});

export const routeAllTo = (team: string) =>
	node('Route to Team', ours('routeToTeam'), {
		rules: {
			values: [
				{
					name: 'Everybody',
					match: 'all',
					team: byKey(team),
					conditions: { values: [{ type: 'always' }] },
				},
			],
		},
		fallbackTeam: byKey(''),
		options: {},
	});

/** Whoever nobody is free for waits in the queue, and the flow does not wait along. */
export const assign = (parameters: JsonObject = {}) =>
	node('Auto-Assign Agent', ours('autoAssignAgent'), {
		assignTo: 'routed',
		strategy: 'roundRobin',
		onlyOnline: true,
		whenNobody: 'continue',
		options: {},
		...parameters,
	});

/** The whole inbound flow, every conversation to one team. */
export const inboundFlow = (team: string, options: JsonObject = {}, settings: JsonObject = {}) =>
	chain('Inbound', [opened(options), enrich(), routeAllTo(team), assign()], settings);
