import type { OptOutReason } from '../../channels/channel';
import { sql, type Selectable } from '../../vendor';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import type { Operation } from '../operation';
import type { AddressTable } from '../schema';
import { isoTime } from '../views';

/** One account of a channel. */
export interface Place {
	channel: string;
	account: string;
}

export type AddressRow = Selectable<AddressTable>;

/** Where an answer to a message goes. */
export interface ReplyAddress extends Place {
	to: string | undefined;
	context: Record<string, unknown> | undefined;
}

/**
 * Remembers where a contact can be answered. Whoever writes again after having blocked or
 * unsubscribed wants answers; a STOP, or an end to marketing, is only taken back in so many words.
 *
 * @param wroteAt when the contact wrote, in milliseconds since 1970; null when it wrote nothing
 */
export async function rememberAddress(
	operation: Operation,
	contactKey: string,
	{ channel, account, to, context }: ReplyAddress,
	wroteAt: number | null,
): Promise<void> {
	// What goes with one recipient is no use for another, nor for the same one reached in another way.
	const known =
		to === undefined
			? {}
			: { reply_to: to, reply_context: context === undefined ? null : JSON.stringify(context) };
	// Messages of one contact may come in any order: the one written last counts.
	const newest = <T>(column: keyof AddressTable, value: T) =>
		sql<T>`case when addresses.last_inbound_at > ${wroteAt} then ${sql.ref(`addresses.${column}`)} else ${value} end`;
	const lasting = <T>(column: keyof AddressTable) =>
		sql<T | null>`case when addresses.opt_out_reason in ('stop', 'marketing') then ${sql.ref(`addresses.${column}`)} else null end`;
	const news =
		wroteAt === null
			? known
			: {
					...(known.reply_to === undefined
						? {}
						: {
								reply_to: newest('reply_to', known.reply_to),
								reply_context: newest('reply_context', known.reply_context),
							}),
					last_inbound_at: newest('last_inbound_at', wroteAt),
					opted_out_at: lasting<number>('opted_out_at'),
					opt_out_reason: lasting<OptOutReason>('opt_out_reason'),
				};
	await operation.tx
		.insertInto('addresses')
		.values({
			workspace: operation.workspace,
			contact_key: contactKey,
			channel,
			account,
			reply_to: null,
			reply_context: null,
			last_inbound_at: wroteAt,
			opted_out_at: null,
			opt_out_reason: null,
			...known,
		})
		.onConflict((conflict) => {
			const there = conflict.columns(['contact_key', 'channel', 'account']);
			return Object.keys(news).length === 0 ? there.doNothing() : there.doUpdateSet(news);
		})
		.execute();
}

/** The contact's address there, if it is known. */
export async function findAddress(
	operation: Operation,
	contactKey: string,
	{ channel, account }: Place,
): Promise<AddressRow | undefined> {
	return await operation.tx
		.selectFrom('addresses')
		.selectAll()
		.where('contact_key', '=', contactKey)
		.where('channel', '=', channel)
		.where('account', '=', account)
		.executeTakeFirst();
}

/** All addresses of a contact, the one it wrote from last first. */
export async function addressesOf(operation: Operation, contactKey: string): Promise<AddressRow[]> {
	const rows = await operation.tx
		.selectFrom('addresses')
		.selectAll()
		.where('contact_key', '=', contactKey)
		.execute();
	return rows.sort((a, b) => (b.last_inbound_at ?? 0) - (a.last_inbound_at ?? 0));
}

export interface OptedOut {
	reason: OptOutReason;
	/** ISO 8601, UTC. */
	at: string;
}

export function optedOutOf(row: AddressRow | undefined): OptedOut | null {
	if (!row || row.opted_out_at === null) return null;
	return { reason: row.opt_out_reason ?? 'stop', at: isoTime(row.opted_out_at) };
}

export const contextOf = (text: string | null) =>
	parseJson<Record<string, unknown>>(text ?? '{}', {});

/** What is only taken back in so many words is not replaced by what the next message takes back. */
function outweighs(reason: OptOutReason, known: AddressRow | undefined): boolean {
	const before = known?.opt_out_reason ?? null;
	if (before === 'stop') return false;
	return before !== 'marketing' || reason === 'stop';
}

/**
 * Writes down that a contact wants no messages there (or, with null, wants them again), and tells it
 * by an event when it is news.
 *
 * @returns whether it was
 */
export async function setOptOut(
	operation: Operation,
	contactKey: string,
	{ channel, account }: Place,
	reason: OptOutReason | null,
	at: number,
): Promise<boolean> {
	const place = { channel, account };
	const known = await findAddress(operation, contactKey, place);
	if ((known?.opt_out_reason ?? null) === reason) return false;
	// Who said STOP and blocks as well has said STOP: a later message does not take it back.
	if (reason !== null && !outweighs(reason, known)) return false;
	// Told late: the contact has written since.
	const passes = reason === 'blocked' || reason === 'unsubscribed';
	if (passes && at <= Number(known?.last_inbound_at ?? 0)) return false;
	await rememberAddress(
		operation,
		contactKey,
		{ ...place, to: undefined, context: undefined },
		null,
	);
	await operation.tx
		.updateTable('addresses')
		.set({ opted_out_at: reason === null ? null : at, opt_out_reason: reason })
		.where('contact_key', '=', contactKey)
		.where('channel', '=', place.channel)
		.where('account', '=', place.account)
		.execute();
	const open = await operation.tx
		.selectFrom('conversations')
		.select('id')
		.where('contact_key', '=', contactKey)
		.where('closed_at', 'is', null)
		.executeTakeFirst();
	await recordEvent(operation, {
		type: reason === null ? 'opted_in' : 'opted_out',
		conversationId: open?.id ?? null,
		contactKey,
		source: 'contact',
		data: { ...place, ...(reason === null ? {} : { reason }) },
	});
	return true;
}
