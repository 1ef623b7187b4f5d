import type { Operation } from '../operation';
import type { ConversationItem } from '../views';
import { closeConversation } from './closeConversation';
import { CLOSED, type NewConversation } from './conversations';
import { countOf } from './counting';
import { openConversation } from './openConversation';

export interface CopyForTestInput {
	/** What the item of the test run says; it need not be in the store. */
	sample: Pick<ConversationItem, 'conversation' | 'contact'> & Partial<ConversationItem>;
	/** The execution: the nodes of one test run share one copy, and the next run begins anew. */
	run: string;
	mentionsAny: NewConversation['mentionsAny'];
}

/**
 * The conversation that a test run works on, in the test workspace: the sample itself when it is
 * there, else a copy. Copies of earlier runs are closed: they would use up the agents' capacity.
 */
export async function copyForTest(
	operation: Operation,
	{ sample, run, mentionsAny }: CopyForTestInput,
): Promise<{ id: string; copied: boolean }> {
	const { conversation, contact, message } = sample;
	const there = await operation.tx
		.selectFrom('conversations')
		.select('id')
		.where('id', '=', conversation.id)
		.where('workspace', '=', operation.workspace)
		.executeTakeFirst();
	if (there) return { id: conversation.id, copied: false };
	const identity = `${copyOf(contact.key)}-${run}`;
	const earlier = await copiesOf(operation, contact.key)
		.innerJoin('conversations', 'conversations.contact_key', 'identities.contact_key')
		.select('conversations.id')
		.where('conversations.status', '<>', CLOSED)
		.where('identities.external_id', '<>', identity)
		.execute();
	const how = { category: null, summary: null, source: 'test' };
	for (const { id } of earlier) await closeConversation(operation, { conversationId: id, ...how });
	const channel = conversation.channel ?? 'sample';
	const account = conversation.account ?? 'sample';
	const known = Object.entries({
		name: contact.name,
		phone: contact.phone,
		email: contact.email,
		language: contact.language,
		country: contact.country,
	}).filter(([, value]) => value);
	const copy = await openConversation(operation, {
		contact: {
			identities: [{ channel, account, id: identity }],
			...(Object.fromEntries(known) as Record<string, string>),
		},
		channel,
		account,
		source: 'test',
		...(conversation.replyTo ? { reply: { to: conversation.replyTo } } : {}),
		message: {
			id: `sample-${conversation.id}-${run}`,
			type: message?.type ?? 'text',
			text: message?.text ?? '',
			attachments: [],
			sentAt: operation.now,
		},
		mentionsAny,
	});
	return { id: copy.conversation.id, copied: true };
}

/** Copies are known by the contact they are of, and by the run they were made for. */
const copyOf = (contactKey: string) => `sample-${contactKey}`;

/** The identities of all copies of a contact. A range: for a pattern an engine may walk all there are. */
export const copiesOf = (operation: Operation, contactKey: string) =>
	operation.tx
		.selectFrom('identities')
		.where('identities.workspace', '=', operation.workspace)
		.where('identities.external_id', '>=', `${copyOf(contactKey)}-`)
		.where('identities.external_id', '<', `${copyOf(contactKey)}.`);

/** How many deliveries a subscription is owed and nobody has claimed. */
export async function countOwed(operation: Operation, subscriptionId: string): Promise<number> {
	return await countOf(
		operation.tx
			.selectFrom('deliveries')
			.where('subscription_id', '=', subscriptionId)
			.where('status', '=', 'pending'),
	);
}
