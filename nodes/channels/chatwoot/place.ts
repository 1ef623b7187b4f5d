import type { Identity, InboundMessage } from '../channel';
import { fieldsOf, idOf, listOf, present, textOf, type Fields } from '../fields';
import { baseUrlOf } from '../http';
import { phoneIdentities } from '../phone';

/** Where something happened: the inbox, the conversation in it, and with whom. */
export interface Place {
	/** `<host>:<account ID>:<inbox ID>`. */
	account: string;
	/** The display ID of the conversation: the one in Chatwoot's addresses. */
	conversation: string | undefined;
	contact: InboundMessage['contact'];
}

/** What the place is read from; which of them a body has depends on the event. */
export interface PlaceParts {
	/** Of the body: `{account, inbox}` stand beside a message. */
	body: Fields;
	conversation: Fields | undefined;
	/** Who wrote, where that is the contact. */
	writer?: Fields | undefined;
	/** `Account ID` of the credential: events about conversations do not name their account. */
	ownAccount: unknown;
	/** `Base URL` of the credential: no event names the installation that it comes from. */
	baseUrl: unknown;
}

/** The place, or what is missing, as the end of a sentence. */
export function placeOf(parts: PlaceParts): Place | { missing: string } {
	const { body, conversation } = parts;
	const newest = listOf(conversation?.messages)
		.map(fieldsOf)
		.find((message) => message !== undefined);
	const account =
		idOf(fieldsOf(body.account)?.id) ??
		idOf(conversation?.account_id) ??
		idOf(newest?.account_id) ??
		idOf(parts.ownAccount);
	if (account === undefined) {
		return { missing: 'does not name its account; enter the Account ID in the credential' };
	}
	const inbox =
		idOf(fieldsOf(body.inbox)?.id) ?? idOf(conversation?.inbox_id) ?? idOf(newest?.inbox_id);
	if (inbox === undefined) return { missing: 'does not name its inbox' };

	const display = idOf(conversation?.id);
	const scope = scopeOf(parts.baseUrl, account);
	const contact = contactOf(parts, scope, display);
	return contact
		? { account: `${scope}:${inbox}`, conversation: display, contact }
		: { missing: 'names no contact' };
}

/**
 * An account of one installation. Every installation numbers its accounts, inboxes and contacts from 1
 * on, so without its host two of them would be taken for one another.
 */
function scopeOf(baseUrl: unknown, account: string): string {
	const host = hostOf(baseUrl);
	return host === undefined ? account : `${host}:${account}`;
}

/** With its port, which may tell two installations on one machine apart. */
export function hostOf(baseUrl: unknown): string | undefined {
	const url = baseUrlOf(baseUrl, '');
	return URL.canParse(url) ? textOf(new URL(url).host) : undefined;
}

/** The parts of `<host>:<account ID>:<inbox ID>`; a host may have a colon of its own. */
export function partsOfAccount(account: string): { host?: string; id: string } | undefined {
	const [, host, id] = /^(?:(.+):)?([^:]+):[^:]+$/.exec(account) ?? [];
	return id === undefined ? undefined : { id, ...(host === undefined ? {} : { host }) };
}

function contactOf(
	{ body, conversation, writer }: PlaceParts,
	scope: string,
	display: string | undefined,
): InboundMessage['contact'] | undefined {
	const holder = fieldsOf(fieldsOf(conversation?.meta)?.sender);
	const door = fieldsOf(conversation?.contact_inbox) ?? fieldsOf(body.contact_inbox);
	const id = idOf(writer?.id) ?? idOf(holder?.id) ?? idOf(door?.contact_id);
	if (id === undefined) return undefined;

	// Both are the same person, unless several write in one conversation.
	const cards = [writer, idOf(holder?.id) === id ? holder : undefined];
	const first = (read: (card: Fields) => string | undefined) =>
		cards.map((card) => card && read(card)).find((value) => value !== undefined);

	const channel = textOf(conversation?.channel);
	const source = textOf(door?.source_id);
	// Somebody else may write in a conversation, whose number the door's is not.
	const owner = idOf(door?.contact_id);
	const isOwner = owner === undefined || owner === id;
	const vouched = isOwner ? phoneDigitsOf(channel, source) : undefined;
	const identities: Identity[] = [{ channel: 'chatwoot', account: scope, id }];
	if (vouched !== undefined) identities.push(...phoneIdentities(vouched));

	const context = present({
		channel,
		// Twilio's one kind of inbox holds two services, and only one of them ends after a day.
		medium: source?.startsWith('whatsapp:') ? 'whatsapp' : undefined,
	});
	return present({
		identities,
		name: first((card) => textOf(card.name)),
		phone: vouched === undefined ? first((card) => e164(textOf(card.phone_number))) : `+${vouched}`,
		email: first((card) => textOf(card.email)),
		language: textOf(fieldsOf(conversation?.additional_attributes)?.browser_language),
		country: first(countryOf),
		replyTo: display,
		replyContext: Object.keys(context).length > 0 ? context : undefined,
	});
}

/** Channels whose `source_id` is the number that a carrier or WhatsApp delivered from. */
const NUMBERED = new Set(['Channel::Whatsapp', 'Channel::Sms', 'Channel::TwilioSms']);

/** What stands in the contact's form was typed by somebody; only the inbox's own ID is certain. */
function phoneDigitsOf(
	channel: string | undefined,
	source: string | undefined,
): string | undefined {
	if (channel === undefined || !NUMBERED.has(channel)) return undefined;
	return /^(?:whatsapp:)?\+?(\d{7,15})$/.exec(source ?? '')?.[1];
}

const e164 = (phone: string | undefined) =>
	phone !== undefined && /^\+\d{7,15}$/.test(phone) ? phone : undefined;

function countryOf(card: Fields): string | undefined {
	const code = textOf(fieldsOf(card.additional_attributes)?.country_code);
	return code !== undefined && /^[A-Z]{2}$/.test(code) ? code : undefined;
}
