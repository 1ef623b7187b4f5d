import type { ChannelRequest, ParsedBody } from '../channel';
import { exactObject } from '../exactJson';
import { fieldsOf, idOf, listOf, textOf, wordOf } from '../fields';
import { elementsOf } from '../skipped';
import { readEvent } from './event';
import type { Product } from './product';

/**
 * Reads a webhook body of Messenger or Instagram: `entry[]`, and in each entry `messaging[]`, or
 * `standby[]` while another app holds the conversation (Messenger Platform, "Webhooks" and "Handover
 * Protocol"). Each list may have several elements, and each element is an event of its own.
 */
export function parseMessagingBody(request: ChannelRequest, product: Product): ParsedBody {
	const found: ParsedBody = { messages: [], notices: [], ignored: [], malformed: [] };
	const body = exactObject(request.rawBody);
	if (!body) return { ...found, unreadable: 'The body is not a JSON object.' };
	const object = textOf(body.object);
	if (object !== undefined && object !== product.object) {
		// It bears Meta's signature: with an error, Meta would send it again for days.
		found.ignored.push({
			reason: `The body is about "${wordOf(object)}", not "${product.object}": this URL takes webhooks of another product of Meta than it is sent.`,
		});
		return found;
	}
	if (object === undefined && !product.objectMayMiss) {
		return { ...found, unreadable: 'The body does not say its "object", so it is not from Meta.' };
	}
	if (!Array.isArray(body.entry)) return { ...found, unreadable: 'The body has no list "entry".' };

	elementsOf(body.entry, 'entry', found).forEach((entry, e) => {
		readEntry(entry, `entry[${e}]`, request.now, product, found);
	});
	return found;
}

function readEntry(
	element: unknown,
	where: string,
	now: number,
	product: Product,
	found: ParsedBody,
): void {
	const entry = fieldsOf(element);
	if (!entry) {
		found.malformed.push({ reason: `${where} is not an object.` });
		return;
	}
	const account = idOf(entry.id);
	const read = (event: unknown, at: string, standby: boolean) => {
		const outcome = readEvent(event, { product, account, standby, now });
		if ('message' in outcome) found.messages.push(outcome.message);
		else if ('notices' in outcome) found.notices?.push(...outcome.notices);
		else if ('ignored' in outcome) found.ignored.push({ reason: `${at} ${outcome.ignored}.` });
		else found.malformed.push({ reason: `${at} ${outcome.malformed}.` });
	};

	let isKnown = false;
	for (const list of ['messaging', 'standby'] as const) {
		const events = entry[list];
		if (events === undefined || events === null) continue;
		isKnown = true;
		if (!Array.isArray(events)) {
			found.malformed.push({ reason: `${where}.${list} is not a list.` });
			continue;
		}
		elementsOf(events, `${where}.${list}`, found).forEach((event, i) =>
			read(event, `${where}.${list}[${i}]`, list === 'standby'),
		);
	}
	// Some webhooks of Instagram write the one change into the entry itself.
	const changes =
		entry.field === undefined
			? elementsOf(listOf(entry.changes), `${where}.changes`, found)
			: [entry];
	changes.forEach((element, c) => {
		isKnown = true;
		const change = fieldsOf(element);
		const at = entry.field === undefined ? `${where}.changes[${c}]` : where;
		const value = fieldsOf(change?.value);
		// So the button "Test" of Meta's dashboard sends its sample, and so Meta's reference prints it.
		if (value && fieldsOf(value.sender) && fieldsOf(value.recipient)) {
			read(value, `${at}.value`, change?.field === 'standby');
			return;
		}
		found.ignored.push({
			reason: `${at}: the webhook field "${wordOf(change?.field)}" brings no messages of customers.`,
		});
	});
	if (!isKnown) {
		found.malformed.push({ reason: `${where} has neither a list "messaging" nor "standby".` });
	}
}
