import type { ChannelNotice, MessageStatus, OptOutReason } from '../channel';
import { fieldsOf, idOf, listOf, millisecondsOf, present, wordOf } from '../fields';
import { codeOf, meaningOf, wordsOf } from '../meta/graph';
import { contactOf } from './contact';
import type { Surroundings } from './message';

/** An element of `statuses[]` or `user_preferences[]`: a notice, or a sentence why it is none. */
export type NoticeOutcome = { notice: ChannelNotice } | { ignored: string } | { malformed: string };

const NO_OBJECT: NoticeOutcome = { malformed: 'is not an object' };

const NO_ACCOUNT: NoticeOutcome = {
	malformed: 'came without metadata.phone_number_id, so it belongs to no number',
};

/** A voice message that was listened to has been read as well (`played`). */
const STATUSES = new Map<unknown, MessageStatus['status']>([
	['sent', 'sent'],
	['delivered', 'delivered'],
	['read', 'read'],
	['played', 'read'],
	['failed', 'failed'],
]);

/** Who stops the marketing messages of a business is still answered. */
const STOPPED_MARKETING: OptOutReason = 'marketing';

/** Reads an element of `statuses[]` (Meta, "status messages webhook reference"). */
export function readStatus(element: unknown, { account, now }: Surroundings): NoticeOutcome {
	const fields = fieldsOf(element);
	if (!fields) return NO_OBJECT;
	if (fields.recipient_type === 'group') return { ignored: 'is about a message to a group' };
	const status = STATUSES.get(fields.status);
	if (status === undefined) {
		return { ignored: `is a status that says nothing about delivery (${wordOf(fields.status)})` };
	}
	if (account === undefined) return NO_ACCOUNT;
	const id = idOf(fields.id);
	if (id === undefined) return { malformed: 'does not say which message its status is about' };
	return {
		notice: present({
			kind: 'status',
			channel: 'whatsapp',
			account,
			id,
			status,
			at: millisecondsOf(fields.timestamp, now),
			...(status === 'failed' ? failureOf(listOf(fields.errors)) : {}),
		}),
	};
}

function failureOf(errors: unknown[]): Pick<MessageStatus, 'failure' | 'optedOut'> {
	const error = fieldsOf(errors[0]) ?? {};
	const meaning = meaningOf(error.code);
	return present({
		failure: present({
			code: codeOf(error.code),
			reason: wordsOf(error) ?? meaning?.message ?? 'WhatsApp gave no reason',
		}),
		optedOut: meaning?.failure === 'optedOut' ? STOPPED_MARKETING : undefined,
	});
}

/**
 * Reads an element of `user_preferences[]`: the contact stops or resumes marketing messages of the
 * business (Meta, "user_preferences webhook reference", May 2026).
 */
export function readPreference(
	element: unknown,
	{ account, contacts, now }: Surroundings,
): NoticeOutcome {
	const fields = fieldsOf(element);
	if (!fields) return NO_OBJECT;
	const { category, value } = fields;
	if (category !== 'marketing_messages' || (value !== 'stop' && value !== 'resume')) {
		return { ignored: `is a preference of another kind (${wordOf(category)}: ${wordOf(value)})` };
	}
	if (account === undefined) return NO_ACCOUNT;
	const contact = contactOf([fields.user_id, fields.wa_id], contacts, account);
	if (!contact) {
		return { malformed: 'names no contact: neither a phone number nor a user ID can be read' };
	}
	return {
		notice: {
			kind: value === 'stop' ? 'optOut' : 'optIn',
			channel: 'whatsapp',
			account,
			identities: contact.identities,
			reason: STOPPED_MARKETING,
			at: millisecondsOf(fields.timestamp, now),
		},
	};
}
