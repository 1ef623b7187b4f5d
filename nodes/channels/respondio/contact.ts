import type { Identity, InboundMessage } from '../channel';
import { fieldsOf, idOf, present, textOf, type Fields } from '../fields';
import type { PlatformAgent } from '../platform';

export interface Whom {
	id: string;
	contact: InboundMessage['contact'];
}

/**
 * The contact of an event. Its ID is one and the same on all channels of a workspace, so it is an
 * identity without an account: a contact who writes by WhatsApp and by Messenger is one contact here
 * as there.
 */
export function contactOf(body: Fields): Whom | undefined {
	const card = fieldsOf(body.contact);
	const id = idOf(card?.id) ?? idOf(fieldsOf(body.message)?.contactId);
	if (id === undefined) return undefined;
	const channel = fieldsOf(body.channel);
	const source = textOf(channel?.source);
	// The phone is a field of the contact's form on every channel: people of the business may change
	// it, so it says nothing about who wrote, and is no identity.
	const identities: Identity[] = [{ channel: 'respondio', account: '', id }];
	const context = present({ channelId: channelIdOf(body), source });
	return {
		id,
		contact: present({
			identities,
			name: nameOf(card),
			phone: e164(textOf(card?.phone)),
			email: textOf(card?.email),
			language: textOf(card?.language),
			country: countryOf(card),
			replyTo: `id:${id}`,
			replyContext: Object.keys(context).length > 0 ? context : undefined,
		}),
	};
}

/** The channel of respond.io that an event names, if it names one. */
export const channelIdOf = (body: Fields) =>
	idOf(fieldsOf(body.channel)?.id) ?? idOf(fieldsOf(body.message)?.channelId);

/** A conversation goes over all channels of a contact, so what is told of it often names none. */
export const NO_ACCOUNT = 'default';

export const accountOf = (body: Fields) => channelIdOf(body) ?? NO_ACCOUNT;

/** `whatsapp`, `whatsapp_cloud`, `360dialog_whatsapp`, … */
export const isWhatsApp = (source: unknown) =>
	typeof source === 'string' && source.toLowerCase().includes('whatsapp');

const e164 = (phone: string | undefined) =>
	phone !== undefined && /^\+\d{7,15}$/.test(phone) ? phone : undefined;

function countryOf(card: Fields | undefined): string | undefined {
	const code = textOf(card?.countryCode);
	return code !== undefined && /^[A-Z]{2}$/.test(code) ? code : undefined;
}

export function nameOf(card: Fields | undefined): string | undefined {
	const parts = [textOf(card?.firstName), textOf(card?.lastName)];
	const whole = parts.filter((part) => part !== undefined).join(' ');
	return whole === '' ? textOf(card?.name) : whole;
}

/** A user of the workspace; undefined for the empty cards that stand where nobody is. */
export function agentOf(value: unknown): PlatformAgent | undefined {
	const card = fieldsOf(value);
	const agent = present({
		id: idOf(card?.id),
		email: textOf(card?.email),
		name: nameOf(card),
	});
	return agent.id === undefined && agent.email === undefined ? undefined : agent;
}
