import axios from 'axios';
import { createHmac } from 'node:crypto';

import type { JsonObject } from './types';

/** The business account of Meta's documentation. */
const BUSINESS_ACCOUNT = '102290129340398';

/** The phone number that customers write to. */
export interface WhatsAppAccount {
	/** App secret: signs every body. */
	appSecret: string;
	phoneNumberId: string;
	displayPhoneNumber?: string;
}

/** A customer. */
export interface WhatsAppContact {
	/** Digits with country code, no plus sign. */
	waId: string;
	name: string;
}

/** What WhatsApp answered, or rather what was answered to it. */
export interface PostResult {
	status: number;
	body: unknown;
	/** Milliseconds. */
	duration: number;
}

/** Body of a webhook call with one change, as Meta documents it. */
function envelope(account: WhatsAppAccount, value: JsonObject): JsonObject {
	const metadata = {
		display_phone_number: account.displayPhoneNumber ?? '15550783881',
		phone_number_id: account.phoneNumberId,
	};
	const change = {
		value: { messaging_product: 'whatsapp', metadata, ...value },
		field: 'messages',
	};
	return {
		object: 'whatsapp_business_account',
		entry: [{ id: BUSINESS_ACCOUNT, changes: [change] }],
	};
}

/** Seconds since 1970 as a string, as WhatsApp writes times. */
function timestamp(date: Date): string {
	return String(Math.floor(date.getTime() / 1000));
}

/** A text message from a customer. */
export function textMessage(
	contact: WhatsAppContact,
	id: string,
	text: string,
	sentAt = new Date(),
): JsonObject {
	return {
		from: contact.waId,
		id,
		timestamp: timestamp(sentAt),
		text: { body: text },
		type: 'text',
	};
}

/** What a customer chose under a message: a button, or a row of a list. */
export function choiceMessage(
	contact: WhatsAppContact,
	id: string,
	choice: { type: 'button_reply' | 'list_reply'; id: string; title: string },
	sentAt = new Date(),
): JsonObject {
	const { type, id: chosen, title } = choice;
	return {
		from: contact.waId,
		id,
		timestamp: timestamp(sentAt),
		type: 'interactive',
		interactive: { type, [type]: { id: chosen, title } },
	};
}

/** A webhook call with messages of one customer. */
export function messagesBody(
	account: WhatsAppAccount,
	contact: WhatsAppContact,
	messages: JsonObject[],
): JsonObject {
	return envelope(account, {
		contacts: [{ profile: { name: contact.name }, wa_id: contact.waId }],
		messages,
	});
}

/** A webhook call that tells what became of a message the business sent. */
export function statusBody(
	account: WhatsAppAccount,
	contact: WhatsAppContact,
	messageId: string,
	status: 'delivered' | 'failed' | 'read' | 'sent',
	at = new Date(),
): JsonObject {
	return envelope(account, {
		statuses: [{ id: messageId, status, timestamp: timestamp(at), recipient_id: contact.waId }],
	});
}

/** The value of the header `X-Hub-Signature-256`. */
export function sign(appSecret: string, rawBody: Buffer | string): string {
	return `sha256=${createHmac('sha256', appSecret).update(rawBody).digest('hex')}`;
}

/** Calls the webhook as WhatsApp does; `signature` replaces the right one. */
export async function post(
	url: string,
	account: WhatsAppAccount,
	body: JsonObject,
	signature?: string,
): Promise<PostResult> {
	// Meta escapes everything beyond ASCII, and the signature is over these very bytes.
	const raw = JSON.stringify(body).replace(
		/[\u0080-\uffff]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	const started = performance.now();
	const response = await axios.post<unknown>(url, Buffer.from(raw), {
		headers: {
			'content-type': 'application/json',
			'user-agent': 'facebookexternalua',
			'x-hub-signature-256': signature ?? sign(account.appSecret, raw),
		},
		validateStatus: () => true,
		proxy: false,
	});
	return {
		status: response.status,
		body: response.data,
		duration: performance.now() - started,
	};
}

/** Does the handshake that Meta does when the address is entered; returns the answer. */
export async function verify(url: string, token: string, challenge: string): Promise<PostResult> {
	const started = performance.now();
	const response = await axios.get<unknown>(url, {
		params: { 'hub.mode': 'subscribe', 'hub.verify_token': token, 'hub.challenge': challenge },
		validateStatus: () => true,
		proxy: false,
		responseType: 'text',
	});
	return {
		status: response.status,
		body: response.data,
		duration: performance.now() - started,
	};
}
