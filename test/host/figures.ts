import type { N8nClient } from './client';
import { PACKAGE_NAME } from './paths';
import type { Execution, JsonObject } from './types';

/** What happened to the messages, as the pack itself has it. A figure may be unknown. */
export interface Figures {
	/** Messages taken in. */
	messages?: number;
	/** Messages that were known already and left alone. */
	duplicates?: number;
	/** Conversations opened. */
	opened: number;
	/** Conversations for which a team was found. */
	routed: number;
	/** Conversations that an agent has. */
	assigned: number;
	/** Conversations that wait for an agent. */
	queued: number;
	/** Conversations closed. */
	closed: number;
	/** Executions that ended with an error. */
	failed: number;
}

/** Which part is counted. */
export interface FiguresScope {
	/** The workflow that messages start. */
	workflowId: string;
	/** Only what came after this moment. */
	since: Date;
}

/** The newest state of the conversation in an execution: that of the last of our nodes to run. */
function conversationOf(execution: Execution): JsonObject | undefined {
	const types = new Map(execution.workflowData.nodes.map(({ name, type }) => [name, type]));
	const runs = Object.entries(execution.data.resultData.runData)
		.filter(([name]) => types.get(name)?.startsWith(`${PACKAGE_NAME}.`))
		.flatMap(([, all]) => all)
		.sort((a, b) => b.executionIndex - a.executionIndex);
	for (const run of runs) {
		const item = run.data?.main?.flatMap((items) => items ?? [])[0];
		if (item?.json.conversation) return item.json.conversation as JsonObject;
	}
	return undefined;
}

/** Counts what happened, from the data of the executions. */
export async function figures(client: N8nClient, scope: FiguresScope): Promise<Figures> {
	const list = await client.executions.list({ workflowId: scope.workflowId });
	const recent = list.filter(({ createdAt }) => new Date(createdAt) >= scope.since);
	const counted: Figures = { opened: 0, routed: 0, assigned: 0, queued: 0, closed: 0, failed: 0 };
	for (const { id, status } of recent) {
		if (status === 'error' || status === 'crashed') counted.failed += 1;
		const conversation = conversationOf(await client.executions.get(id));
		if (!conversation) continue;
		counted.opened += 1;
		if (conversation.team) counted.routed += 1;
		if (conversation.status === 'closed') counted.closed += 1;
		else if (conversation.assignee) counted.assigned += 1;
		else if (conversation.queue) counted.queued += 1;
	}
	return counted;
}
