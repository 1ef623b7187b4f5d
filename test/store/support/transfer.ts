import type { Weekday } from '../../../nodes/decisions/contracts';
import type { ConversationStore } from '../../../nodes/store/store';
import { DAY, SECOND, type TestClock } from './engines';
import {
	close,
	handled,
	identityOf,
	listener,
	message,
	opened,
	receive,
	route,
	team,
	trigger,
} from './samples';

export interface FileLine {
	format?: string;
	table?: string;
	row?: Record<string, unknown>;
	end?: boolean;
	counts?: Record<string, number>;
}

/** The whole file, piece by piece as it came. */
export async function exported(store: ConversationStore): Promise<string> {
	let text = '';
	for await (const piece of store.exportWorkspace({ source: 'user' })) text += piece;
	return text;
}

export const linesOf = (file: string) =>
	file
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as FileLine);

export const fileOf = (lines: object[]) =>
	lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** The rows of a table, or of all, without the events of exports and imports themselves. */
export const rowsOf = (file: string, table?: string) =>
	linesOf(file).filter(
		({ table: name, row }) =>
			name !== undefined &&
			(table === undefined || name === table) &&
			!/^workspace_/.test(String(name === 'events' && row?.type)),
	);

/** Imports a file as it comes from a disk: in bytes, cut anywhere. */
export const imported = async (
	store: ConversationStore,
	file: string,
	{ replace = false, pieces = 1000 } = {},
) => await store.importWorkspace(cut(Buffer.from(file), pieces), { replace, source: 'user' });

async function* cut(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

export const HOSTILE = "'; drop table contacts; -- مرحبا 👩‍👩‍👧‍👦 \u0007 \r\n \u2028 {{ $json }}";

/** Open at the times that these tests play in. */
const HOURS = {
	timeZone: 'Africa/Cairo',
	weekly: [{ days: [1, 2, 3, 4, 5, 6, 7] as Weekday[], from: '00:00', to: '24:00' }],
	holidays: [{ name: HOSTILE.slice(0, 90), date: '2020-12-25', ranges: [] }],
};

/**
 * A workspace with something of everything: teams with business hours, shifts, turns, an agent in two teams, conversations that
 * are closed, assigned, queued in a team, queued for one agent, and with nobody; a message of none;
 * subscriptions and deliveries.
 */
export async function filled(store: ConversationStore, clock: TestClock) {
	await store.subscribe(trigger());
	await store.subscribe(listener(['assigned']));
	await team(store, 'sales', { ann: 2, bob: 2 });
	await team(store, 'care', { cem: 1 });
	await store.upsertTeam({ key: 'care', hours: HOURS, overflowTeam: 'sales' });
	await store.upsertAgent({
		key: 'bob',
		teams: ['sales', 'care'],
		handles: { slack: 'U1' },
		skills: ['sql'],
		shifts: HOURS,
		source: 'user',
	});
	await store.upsertCategory({ name: 'Order', description: HOSTILE });
	await store.setRetention({ days: 3650, source: 'user', actor: 'boss' });
	const done = await handled(store, 'done', 'sales');
	await receive(store, message('done', { text: HOSTILE }), { keepRaw: true });
	await receive(store, message('done', { kind: 'echo', text: 'An answer' }));
	await store.closeConversation({
		conversationId: done.id,
		category: 'Order',
		summary: HOSTILE,
		source: 'user',
		actor: 'ann',
	});
	await receive(store, message('done', { kind: 'echo', text: 'Loose' }));
	clock.advance(DAY);
	const ids: Record<string, string> = { done: done.id };
	for (const who of ['a', 'b', 'c', 'd', 'e', 'f']) {
		clock.advance(SECOND);
		ids[who] = (await handled(store, who, 'sales')).id;
	}
	clock.advance(SECOND);
	ids.waits = (await handled(store, 'waits', 'care', { to: { kind: 'agent', agent: 'ann' } })).id;
	ids.nobody = await opened(store, 'nobody');
	await route(store, ids.nobody, 'care');
	const { key } = await store.findContact('nobody');
	await store.enrichContact({
		contactKey: key,
		conversationId: ids.nobody,
		writes: [{ field: 'plan', value: { tier: [1, HOSTILE] }, source: 'crm', mode: 'overwrite' }],
		addTags: ['vip'],
		source: 'workflow',
	});
	await close(store, ids.a ?? '');
	return { ids, identity: identityOf('nobody') };
}
