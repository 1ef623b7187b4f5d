import type { Recipient } from '../../channels/sending';
import { storeError } from '../errors';
import { isTestWorkspace, type Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import {
	addressesOf,
	contextOf,
	findAddress,
	optedOutOf,
	type AddressRow,
	type OptedOut,
	type Place,
} from './addresses';
import type { ConversationRow } from './conversations';

export interface FindRecipientInput {
	conversationId: string;
	/**
	 * - `last`: where the contact wrote last
	 * - `opened`: where the conversation opened
	 * - a channel's key: where on this channel the contact wrote last, now or in an earlier conversation;
	 *   else `first`, where somebody who never wrote can be written to
	 */
	via: 'last' | 'opened' | { channel: string; first?: Recipient };
}

export interface FoundRecipient extends Place {
	to: string;
	context: Record<string, unknown>;
	/** Milliseconds since 1970; null when the contact never wrote there. */
	lastInboundAt: number | null;
	/** Set while the contact wants no messages there. */
	optedOut: OptedOut | null;
}

export interface RecipientOfConversation {
	item: ConversationItem;
	recipient: FoundRecipient;
	/** It is a conversation of test runs: nobody is to get anything. */
	isTest: boolean;
}

/**
 * Where a message to the contact of a conversation goes.
 *
 * @throws StoreError `ConversationNotFound`, `NoAddress`
 */
export async function findRecipient(
	operation: Operation,
	input: FindRecipientInput,
): Promise<RecipientOfConversation> {
	const conversation = await survivor(operation, input.conversationId);
	const item = await conversationItem(operation, conversation);
	const isTest = isTestWorkspace(operation.workspace);
	const { via } = input;
	if (typeof via === 'object') {
		const rows = await addressesOf(operation, conversation.contact_key);
		const row = rows.find(({ channel, reply_to: to }) => channel === via.channel && to !== null);
		if (!row && via.first) {
			const place = { channel: via.channel, account: via.first.account };
			const known = rows.find(
				(each) => each.account === place.account && each.channel === place.channel,
			);
			return { item, isTest, recipient: { ...via.first, ...place, optedOut: optedOutOf(known) } };
		}
		if (!row) throw noAddress(`on the channel '${via.channel}'`, rows);
		return {
			item,
			isTest,
			recipient: recipientOf(row, row.reply_to!, contextOf(row.reply_context)),
		};
	}
	const opened = { channel: conversation.channel, account: conversation.account };
	const last = {
		channel: conversation.reply_channel ?? opened.channel,
		account: conversation.reply_account ?? opened.account,
	};
	const place = via === 'opened' ? opened : last;
	const row = await findAddress(operation, conversation.contact_key, place);
	const isLast = place.channel === last.channel && place.account === last.account;
	const to = (isLast ? conversation.reply_to : null) ?? row?.reply_to;
	if (!to) {
		const others = await addressesOf(operation, conversation.contact_key);
		throw noAddress(`on '${place.channel}', where the conversation is`, others);
	}
	const context = isLast ? conversation.reply_context : null;
	// Conversations from before addresses were kept know only this.
	const wrote = row?.last_inbound_at ?? (isLast ? conversation.last_inbound_at : null);
	const known = { ...place, last_inbound_at: wrote };
	return {
		item,
		isTest,
		recipient: {
			...recipientOf(known, to, contextOf(context ?? row?.reply_context ?? null)),
			optedOut: optedOutOf(row),
		},
	};
}

function recipientOf(
	row: Pick<AddressRow, 'channel' | 'account' | 'last_inbound_at'> & Partial<AddressRow>,
	to: string,
	context: Record<string, unknown>,
): FoundRecipient {
	return {
		channel: row.channel,
		account: row.account,
		to,
		context,
		lastInboundAt: row.last_inbound_at === null ? null : Number(row.last_inbound_at),
		optedOut: 'contact_key' in row ? optedOutOf(row as AddressRow) : null,
	};
}

/** The conversation itself, or the one that it was merged into. */
async function survivor(operation: Operation, id: string): Promise<ConversationRow> {
	const row = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('id', '=', id)
		.where('workspace', '=', operation.workspace)
		.executeTakeFirstOrThrow();
	return row.merged_into === null ? row : await survivor(operation, row.merged_into);
}

function noAddress(where: string, known: AddressRow[]) {
	const channels = [
		...new Set(known.filter((row) => row.reply_to !== null).map((row) => row.channel)),
	];
	return storeError(
		'NoAddress',
		`The contact cannot be reached ${where}`,
		channels.length > 0
			? `The contact wrote on: ${channels.join(', ')}. Choose one of these under 'Channel'`
			: 'The contact has not written on a channel that can be answered. Conversations opened from forms, e-mails and other nodes are answered with the nodes of those',
	);
}
