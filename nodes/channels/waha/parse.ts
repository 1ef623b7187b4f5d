import type { ChannelRequest, ChannelSettings, MessageStatus, ParsedBody } from '../channel';
import { exactObject } from '../exactJson';
import { fieldsOf, idOf, textOf, wordOf, type Fields } from '../fields';
import { accountFor } from '../whatsappWeb/account';
import { readJid } from '../whatsappWeb/jid';
import { timeOf } from '../whatsappWeb/values';
import {
	readEdit,
	readMessage,
	readReaction,
	readRevocation,
	type Outcome,
	type Surroundings,
} from './message';
import { readMessageId } from './messageId';
import { sessionOf } from './send';

/** Each event is a body of its own: `{event, session, me, payload, …}` (WAHA, "Events: structure"). */
const READERS: Record<string, ((payload: Fields, around: Surroundings) => Outcome) | undefined> = {
	message: readMessage,
	'message.any': readMessage,
	'message.reaction': readReaction,
	'message.edited': readEdit,
	'message.revoked': readRevocation,
};

/** Reads a body of WAHA 2024.11 and later, of any engine. */
export function parseWaha(request: ChannelRequest, settings: ChannelSettings): ParsedBody {
	const found: ParsedBody = { messages: [], ignored: [], malformed: [] };
	const body = exactObject(request.rawBody);
	if (!body) return { ...found, unreadable: 'The body is not a JSON object.' };
	const event = textOf(body.event);
	const session = idOf(body.session);
	if (event === undefined || session === undefined) {
		return {
			...found,
			unreadable: 'The body has no "event" and "session", so it is not a webhook of WAHA.',
		};
	}
	const read = Object.hasOwn(READERS, event) ? READERS[event] : undefined;
	if (!read && event !== 'message.ack') {
		found.ignored.push({ reason: ignoredEvent(event, body) });
		return found;
	}
	const payload = fieldsOf(body.payload);
	if (!payload) {
		found.malformed.push({ reason: `The event "${wordOf(event)}" has no object "payload".` });
		return found;
	}
	const me = fieldsOf(body.me);
	const around: Surroundings = {
		account: accountFor(settings, sessionOf(settings), session),
		own: [me?.id, me?.lid],
		baseUrl: settings.baseUrl,
		now: request.now,
	};
	if (!read) {
		readStatus(payload, around, found);
		return found;
	}
	const outcome = read(payload, around);
	if ('message' in outcome) found.messages.push(outcome.message);
	else if ('ignored' in outcome) found.ignored.push({ reason: `payload ${outcome.ignored}.` });
	else found.malformed.push({ reason: `payload ${outcome.malformed}.` });
	return found;
}

function ignoredEvent(event: string, body: Fields): string {
	if (event !== 'session.status') return `The event "${wordOf(event)}" brings no messages.`;
	const status = wordOf(fieldsOf(body.payload)?.status);
	return `The session is in the state ${status}; only WORKING receives messages.`;
}

/** By name or by number (WAHA, "Events: message.ack"). */
const STATUSES: Record<string, MessageStatus['status'] | undefined> = {
	ERROR: 'failed',
	'-1': 'failed',
	SERVER: 'sent',
	1: 'sent',
	DEVICE: 'delivered',
	2: 'delivered',
	READ: 'read',
	3: 'read',
	PLAYED: 'read',
	4: 'read',
};

function readStatus(payload: Fields, around: Surroundings, found: ParsedBody): void {
	const ignore = (what: string) => found.ignored.push({ reason: `payload ${what}.` });
	const id = readMessageId(payload.id);
	const word = (textOf(payload.ackName) ?? idOf(payload.ack) ?? '').toUpperCase();
	const status = Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined;
	const fromMe = typeof payload.fromMe === 'boolean' ? payload.fromMe : id?.fromMe;
	if (fromMe !== true) return void ignore('is the status of a message of the customer');
	if (readJid(id?.chat ?? payload.from)?.kind === 'group') {
		return void ignore('is a status in a group');
	}
	if (id === undefined || status === undefined) {
		return void ignore(`is a status that says nothing new (${wordOf(word)})`);
	}
	found.notices = [
		{
			kind: 'status',
			channel: 'waha',
			account: around.account,
			id: id.id,
			status,
			at: timeOf(payload.timestamp, around.now),
			...(status === 'failed' && {
				failure: { code: word, reason: 'WhatsApp did not take the message' },
			}),
		},
	];
}
