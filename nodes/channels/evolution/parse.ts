import type { ChannelRequest, ChannelSettings, MessageStatus, ParsedBody } from '../channel';
import { exactObject } from '../exactJson';
import { fieldsOf, idOf, textOf, wordOf, type Fields } from '../fields';
import { accountFor } from '../whatsappWeb/account';
import { readJid } from '../whatsappWeb/jid';
import { keyIdOf, timeOf } from '../whatsappWeb/values';
import { readChange, readDeletion, readMessage, type Outcome, type Surroundings } from './message';

/** A list of a thousand is an import of old chats, not somebody who writes. */
const LONGEST_LIST = 1000;

/**
 * Reads `{event, instance, data, …}` of Evolution API 1 and 2. `data` is one object; a list is read
 * too, since some events have always had one.
 */
export function parseEvolution(request: ChannelRequest, settings: ChannelSettings): ParsedBody {
	const found: ParsedBody = { messages: [], ignored: [], malformed: [] };
	const body = exactObject(request.rawBody);
	if (!body) return { ...found, unreadable: 'The body is not a JSON object.' };
	const instance = idOf(body.instance);
	const event = textOf(body.event);
	if (event === undefined || instance === undefined) {
		return { ...found, unreadable: strangeness(body) };
	}
	const account = accountFor(settings, textOf(settings.instanceName), instance) ?? instance;
	const around: Surroundings = { account, own: body.sender, now: request.now };
	const elements: unknown[] = Array.isArray(body.data) ? body.data : [body.data];
	if (elements.length > LONGEST_LIST) {
		found.ignored.push({
			reason: `${wordOf(event)}: a list of ${elements.length} is history, not messages.`,
		});
		return found;
	}
	// `messages.upsert`, `MESSAGES_UPSERT` and `messages-upsert` are the same event.
	switch (event.toLowerCase().replace(/[^a-z]+/g, '.')) {
		case 'messages.upsert':
			readAll(elements, readMessage, around, found);
			break;
		case 'send.message':
			readAll(elements, readMessage, { ...around, byInterface: true }, found);
			break;
		case 'messages.edited':
			readAll(elements, readChange, around, found);
			break;
		case 'messages.delete':
			readAll(elements, readDeletion, around, found);
			break;
		case 'messages.update':
			elements.forEach((element, i) => readStatus(element, `data[${i}]`, around, found));
			break;
		default:
			found.ignored.push({ reason: `The event "${wordOf(event)}" brings no messages.` });
	}
	return found;
}

function strangeness(body: Fields): string {
	if ('instanceToken' in body || 'instanceId' in body || 'instanceName' in body) {
		return 'This looks like a webhook of evolution-go, which is another product with other bodies. This channel reads Evolution API 1 and 2.';
	}
	return 'The body has no "event" and "instance", so it is not a webhook of Evolution API.';
}

/** One element that cannot be read is told, and the others are still there. */
function readAll(
	elements: unknown[],
	read: (element: unknown, around: Surroundings) => Outcome,
	around: Surroundings,
	found: ParsedBody,
): void {
	elements.forEach((element, i) => {
		const outcome = read(element, around);
		if ('message' in outcome) found.messages.push(outcome.message);
		else if ('ignored' in outcome) {
			found.ignored.push({ reason: `data[${i}] ${outcome.ignored}.` });
		} else found.malformed.push({ reason: `data[${i}] ${outcome.malformed}.` });
	});
}

/** WhatsApp's statuses, by name or by number (Baileys, `proto.WebMessageInfo.Status`). */
const STATUSES: Record<string, MessageStatus['status'] | undefined> = {
	ERROR: 'failed',
	0: 'failed',
	SERVER_ACK: 'sent',
	2: 'sent',
	DELIVERY_ACK: 'delivered',
	3: 'delivered',
	READ: 'read',
	4: 'read',
	PLAYED: 'read',
	5: 'read',
};

function readStatus(
	element: unknown,
	where: string,
	around: Surroundings,
	found: ParsedBody,
): void {
	const ignore = (what: string) => found.ignored.push({ reason: `${where} ${what}.` });
	const data = fieldsOf(element);
	if (!data) {
		found.malformed.push({ reason: `${where} is not an object.` });
		return;
	}
	const key = fieldsOf(data.key) ?? data;
	// `messageId` is the row in Evolution's database, not the message.
	const id = idOf(data.keyId) ?? keyIdOf(key);
	const word = String(idOf(data.status) ?? idOf(fieldsOf(data.update)?.status) ?? '').toUpperCase();
	const status = Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined;
	if (key.fromMe !== true) return void ignore('is the status of a message of the customer');
	if (readJid(key.remoteJid)?.kind === 'group') return void ignore('is a status in a group');
	if (status === undefined || id === undefined) {
		return void ignore(`is a status that says nothing new (${wordOf(word)})`);
	}
	found.notices ??= [];
	found.notices.push({
		kind: 'status',
		channel: 'evolution',
		account: around.account,
		id,
		status,
		at: timeOf(data.datetime, around.now),
		...(status === 'failed' && {
			failure: { code: word, reason: 'WhatsApp did not take the message' },
		}),
	});
}
