import type { ChannelRequest, ParsedBody } from '../channel';
import { exactObject } from '../exactJson';
import { fieldsOf, idOf, listOf, textOf, wordOf } from '../fields';
import { elementsOf } from '../skipped';
import { readCustomerMessage, readEcho, type Outcome, type Surroundings } from './message';
import { readPreference, readStatus, type NoticeOutcome } from './notice';

/** Reads the body of a webhook, every entry and every change of it. */
export function parseBody(request: ChannelRequest): ParsedBody {
	const found: ParsedBody = { messages: [], ignored: [], malformed: [] };
	const body = exactObject(request.rawBody);
	if (!body) return { ...found, unreadable: 'The body is not a JSON object.' };
	const object = textOf(body.object);
	if (object === undefined) {
		return { ...found, unreadable: 'The body does not say its "object", so it is not from Meta.' };
	}
	if (object !== 'whatsapp_business_account') {
		// It bears Meta's signature: with an error, Meta would send it again for days.
		found.ignored.push({
			reason: `The body is about "${wordOf(object)}", not "whatsapp_business_account": this URL takes webhooks of the WhatsApp product only.`,
		});
		return found;
	}
	if (!Array.isArray(body.entry)) return { ...found, unreadable: 'The body has no list "entry".' };

	elementsOf(body.entry, 'entry', found).forEach((entry, e) => {
		const changes = fieldsOf(entry)?.changes;
		if (!Array.isArray(changes)) {
			found.malformed.push({ reason: `entry[${e}] has no list "changes".` });
			return;
		}
		elementsOf(changes, `entry[${e}].changes`, found).forEach((change, c) => {
			readChange(change, `entry[${e}].changes[${c}]`, request.now, found);
		});
	});
	return found;
}

/** One change may hold messages, statuses and errors side by side: each part is looked at. */
function readChange(change: unknown, where: string, now: number, found: ParsedBody): void {
	const fields = fieldsOf(change);
	const value = fieldsOf(fields?.value);
	if (!fields || !value) {
		found.malformed.push({ reason: `${where} has no object "value".` });
		return;
	}
	const around: Surroundings = {
		account: idOf(fieldsOf(value.metadata)?.phone_number_id),
		contacts: listOf(value.contacts),
		now,
	};
	switch (fields.field) {
		case 'messages':
			readAll(value.messages, `${where}.value.messages`, readCustomerMessage, around, found);
			readAll(value.statuses, `${where}.value.statuses`, readStatus, around, found);
			noteIgnored(value.errors, `${where}.value.errors`, 'error notices from Meta', found);
			break;
		case 'smb_message_echoes':
			readAll(value.message_echoes, `${where}.value.message_echoes`, readEcho, around, found);
			break;
		case 'user_preferences':
			readAll(
				value.user_preferences,
				`${where}.value.user_preferences`,
				readPreference,
				around,
				found,
			);
			break;
		default:
			found.ignored.push({
				reason: `${where}: the webhook field "${wordOf(fields.field)}" brings no messages of customers.`,
			});
	}
}

/** One element that cannot be read is told, and the others are still there. */
function readAll(
	elements: unknown,
	where: string,
	read: (element: unknown, around: Surroundings) => Outcome | NoticeOutcome,
	around: Surroundings,
	found: ParsedBody,
): void {
	if (elements === undefined || elements === null) return;
	if (!Array.isArray(elements)) {
		found.malformed.push({ reason: `${where} is not a list.` });
		return;
	}
	elementsOf(elements, where, found).forEach((element, i) => {
		const outcome = read(element, around);
		if ('message' in outcome) found.messages.push(outcome.message);
		else if ('notice' in outcome) (found.notices ??= []).push(outcome.notice);
		else if ('ignored' in outcome) {
			found.ignored.push({ reason: `${where}[${i}] ${outcome.ignored}.` });
		} else found.malformed.push({ reason: `${where}[${i}] ${outcome.malformed}.` });
	});
}

function noteIgnored(elements: unknown, where: string, what: string, found: ParsedBody): void {
	const count = listOf(elements).length;
	if (count > 0) found.ignored.push({ reason: `${where}: ${what}, ${count} of them.` });
}
