import { idSource } from '../../nodes/store/ids';
import { openSqliteEngine } from '../../nodes/store/sqlite/engine';
import { ConversationStore } from '../../nodes/store/store';

/** What happened since a moment, as the store has it. */
export interface Figures {
	/** Messages taken in. */
	messages: number;
	opened: number;
	routed: number;
	/** Assignments by the flow, and by the queue when an agent came free. */
	assigned: number;
	assignedFromQueue: number;
	/** Conversations that wait for an agent now. */
	queued: number;
	closed: number;
	/** Flows that ended and left their conversation with nobody. */
	flowsFailed: number;
}

/** The demonstration's store, opened beside n8n: two processes may share an embedded store. */
export async function openStoreFile(file: string, workspace: string): Promise<ConversationStore> {
	return new ConversationStore(await openSqliteEngine(file, idSource(Date.now)), workspace);
}

/** Counts what happened, from the store's own events and messages. */
export async function figures(store: ConversationStore, since: number): Promise<Figures> {
	const { db } = store.engine;
	const events = async (type: string, source?: string): Promise<number> => {
		let query = db
			.selectFrom('events')
			.select((eb) => eb.fn.countAll<number>().as('n'))
			.where('workspace', '=', store.workspace)
			.where('type', '=', type)
			.where('at', '>=', since);
		if (source !== undefined) query = query.where('source', '=', source);
		return Number((await query.executeTakeFirstOrThrow()).n);
	};
	const { n: messages } = await db
		.selectFrom('messages')
		.select((eb) => eb.fn.countAll<number>().as('n'))
		.where('workspace', '=', store.workspace)
		.where('direction', '=', 'inbound')
		.where('received_at', '>=', since)
		.executeTakeFirstOrThrow();
	const { conversations } = await store.countEverything();
	return {
		messages: Number(messages),
		opened: await events('opened'),
		routed: await events('routed'),
		assigned: await events('assigned'),
		assignedFromQueue: await events('assigned', 'queue'),
		queued: conversations.queued,
		closed: await events('closed'),
		flowsFailed: await events('flow_failed'),
	};
}
