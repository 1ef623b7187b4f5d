import type { InboundMessage, ParsedBody } from '../channels/channel';
import { present } from '../channels/fields';
import type { Mapped } from './opening';

/** Why a part of a body that is no new message of a customer opens nothing. */
const NOT_NEW: Record<Exclude<InboundMessage['kind'], 'message'>, string> = {
	echo: 'The business wrote it itself.',
	edit: 'The customer changed an earlier message.',
	delete: 'The customer deleted an earlier message.',
	reaction: 'It is a reaction to an earlier message.',
	visit: 'The customer came by and wrote nothing.',
};

const ON_OCCASION = 'It opens a conversation only in Conversation Opened, where the operator asks';

/**
 * What a channel read from the item of n8n's own trigger for it. Channel and account are those of
 * Conversation Opened, so that a customer is the same contact by either way.
 */
export function openingsOf(body: ParsedBody): Mapped[] {
	if (body.unreadable !== undefined) {
		return [
			{
				problem: {
					sentence: body.unreadable.replace(/\.$/, ''),
					hint: "Connect this node behind the trigger that 'Input' names",
				},
			},
		];
	}
	const mapped = body.messages.map(openingOf);
	for (const { reason } of [...body.ignored, ...body.malformed]) mapped.push({ ignored: reason });
	for (const { kind } of body.notices ?? []) {
		mapped.push({
			ignored:
				kind === 'status'
					? 'It is a delivery status of a message that was sent.'
					: 'It says what changed about the contact or the conversation, and is no message.',
		});
	}
	return mapped.length > 0 ? mapped : [{ ignored: 'The item holds no message.' }];
}

function openingOf(message: InboundMessage): Mapped {
	if (message.kind !== 'message') return { ignored: NOT_NEW[message.kind] };
	if (message.group !== undefined) return { ignored: 'It was written in a group.' };
	if (message.occasion !== undefined) {
		return { ignored: `${ON_OCCASION} (${message.occasion}).` };
	}
	if (message.neverOpens) return { ignored: 'The customer asks to get no more messages.' };
	const { channel, account, id, type, text, attachments, sentAt } = message;
	const { replyTo, replyContext, ...contact } = message.contact;
	const { referral, replyToMessageId } = message;
	return {
		opening: present({
			channel,
			account,
			contact,
			reply: replyTo === undefined ? undefined : present({ to: replyTo, context: replyContext }),
			message: present({
				...{ id, type, text, attachments, sentAt },
				details:
					referral === undefined && replyToMessageId === undefined
						? undefined
						: present({ referral, replyToMessageId }),
			}),
		}),
	};
}

/** A request as the provider would have posted it, for the channel to read. */
export function requestOf(body: unknown, now: number) {
	return {
		headers: { 'content-type': 'application/json' },
		query: {},
		rawBody: Buffer.from(JSON.stringify(body), 'utf8'),
		url: '',
		now,
	};
}
