import type { ChannelSettings, MessageStatus } from '../channel';
import { present, textOf, wordOf } from '../fields';
import { accountOf, addressOf } from './address';
import { meaningOf, withoutNumbers } from './failures';
import { firstIdOf, valueOf, wordsOf, type Form } from './form';

/**
 * What became of a message, by "Message status values". `queued`, `accepted`, `scheduled` and
 * `sending` say nothing that was not known when Twilio took the message.
 */
const STATUSES: Record<string, MessageStatus['status'] | undefined> = {
	sent: 'sent',
	delivered: 'delivered',
	read: 'read',
	undelivered: 'failed',
	failed: 'failed',
	canceled: 'failed',
};

/**
 * Whether a webhook is about a message of the business. Twilio calls the same address for both where
 * it was entered twice, so it must not depend on where something arrives.
 */
export function isStatus(form: Form): boolean {
	if (wordsOf(form, 'MessageStatus') !== undefined) return true;
	const status = wordsOf(form, 'SmsStatus')?.toLowerCase();
	if (status !== undefined) return status !== 'received' && status !== 'receiving';
	return wordsOf(form, 'EventType') !== undefined;
}

/** Reads a status callback. WhatsApp's read receipts also come as `EventType=READ`. */
export function readStatus(
	form: Form,
	id: string,
	settings: ChannelSettings,
	now: number,
): { notices: MessageStatus[] } | { ignored: string } {
	const said =
		wordsOf(form, 'MessageStatus') ?? wordsOf(form, 'EventType') ?? wordsOf(form, 'SmsStatus');
	const key = said?.toLowerCase() ?? '';
	const status = Object.hasOwn(STATUSES, key) ? STATUSES[key] : undefined;
	if (!status) return { ignored: `is on its way (${wordOf(said)})` };

	const accounts = sendersOf(form, settings);
	if (accounts.length === 0) return { ignored: `is ${status}, and names no sender of yours` };
	const code = wordsOf(form, 'ErrorCode');
	const meaning = meaningOf(code);
	const reason =
		key === 'canceled'
			? 'The message was canceled before it was sent'
			: (meaning?.message ??
				withoutNumbers(wordsOf(form, 'ErrorMessage')) ??
				'Twilio could not deliver the message');
	return {
		notices: accounts.map((account) =>
			present({
				kind: 'status',
				channel: 'twilio',
				account,
				id,
				status,
				at: now,
				failure: status === 'failed' ? present({ code, reason }) : undefined,
				optedOut: status === 'failed' ? meaning?.optedOut : undefined,
			}),
		),
	};
}

/**
 * The accounts that may know the message. One that was sent by a Messaging Service is known by it; its
 * callback also names the number that the service chose, and an answer from a number of a service may
 * name both. The message's own ID is unique, so at most one of them knows it.
 */
function sendersOf(form: Form, settings: ChannelSettings): string[] {
	const accountSid = firstIdOf(form, 'AccountSid') ?? textOf(settings.accountSid);
	const named = ['MessagingServiceSid', 'From'].flatMap(
		(key) => accountOf(accountSid, addressOf(valueOf(form, key))) ?? [],
	);
	return named.length > 0
		? named
		: [accountOf(accountSid, addressOf(settings.sender)) ?? []].flat();
}
