import { randomUUID } from 'node:crypto';

import { CUSTOMERS, type DemoCustomer } from './demo-customers';
import {
	messagesBody,
	post,
	sign,
	statusBody,
	textMessage,
	type WhatsAppAccount,
} from './whatsapp';

/** What was sent and how it was answered, counted while sending. */
export interface DemoTally {
	customers: number;
	/** Different messages. */
	messages: number;
	/** Messages sent again with an id that was sent before. */
	repeats: number;
	/** Calls that tell what became of an outbound message. */
	statusUpdates: number;
	/** Messages that the webhook said it knew already. */
	duplicates: number;
	/** Customers who wrote again after their conversation was closed. */
	returned: number;
	/** HTTP status → how many calls were answered with it, rightly signed ones. */
	answers: Record<number, number>;
	/** HTTP status that the call with a wrong signature got. */
	wrongSignatureAnswer: number;
	/** The slowest answer in milliseconds, and all of them. */
	durations: number[];
}

type Send = (body: ReturnType<typeof messagesBody>) => Promise<void>;

/** Sends what one customer writes, in order; returns the number of repeats. */
async function sendCustomer(
	send: Send,
	account: WhatsAppAccount,
	customer: DemoCustomer,
): Promise<number> {
	const { contact, messages, repeats = 0, together = false } = customer;
	// New ids at every start: the same ones would all be repeats.
	const texts = messages.map((text) => textMessage(contact, `wamid.${randomUUID()}`, text));
	const calls = together ? [texts.slice(0, 2), ...texts.slice(2).map((text) => [text])] : undefined;
	const [first, ...rest] = (calls ?? texts.map((text) => [text])).map((group) =>
		messagesBody(account, contact, group),
	);
	if (!first) return 0;
	await send(first);
	// Repeats arrive together, as they do after a slow answer.
	await Promise.all(Array.from({ length: repeats }, async () => await send(first)));
	for (const body of rest) await send(body);
	return repeats * (together ? Math.min(2, messages.length) : 1);
}

/** Plays the demonstration against a real webhook: all customers at once. */
export async function playDemo(webhookUrl: string, account: WhatsAppAccount): Promise<DemoTally> {
	const answers: Record<number, number> = {};
	const durations: number[] = [];
	let duplicates = 0;
	const send: Send = async (body) => {
		const { status, duration, body: receipt } = await post(webhookUrl, account, body);
		duplicates += (receipt as { duplicates?: number }).duplicates ?? 0;
		answers[status] = (answers[status] ?? 0) + 1;
		durations.push(duration);
	};

	const repeats = await Promise.all(
		CUSTOMERS.map(async (customer) => await sendCustomer(send, account, customer)),
	);
	const written = CUSTOMERS.slice(0, 3);
	const reply = `wamid.${randomUUID()}`;
	for (const { contact } of written) {
		await send(statusBody(account, contact, reply + contact.waId, 'delivered'));
		await send(statusBody(account, contact, reply + contact.waId, 'read'));
	}
	const stranger = { waId: '12025550199', name: 'Somebody Else' };
	const forged = messagesBody(account, stranger, [
		textMessage(stranger, `wamid.${randomUUID()}`, 'This call is not from WhatsApp'),
	]);
	const wrong = sign('not the app secret', JSON.stringify(forged));
	const refused = await post(webhookUrl, account, forged, wrong);

	return {
		customers: CUSTOMERS.length,
		messages: CUSTOMERS.reduce((sum, { messages }) => sum + messages.length, 0),
		repeats: repeats.reduce((sum, count) => sum + count, 0),
		statusUpdates: written.length * 2,
		duplicates,
		returned: 0,
		answers,
		wrongSignatureAnswer: refused.status,
		durations,
	};
}

/** Customers whose conversation was closed write once more: each opens a new one. */
export async function writeAgain(
	webhookUrl: string,
	account: WhatsAppAccount,
	waIds: string[],
	tally: DemoTally,
): Promise<void> {
	for (const waId of waIds) {
		const contact = CUSTOMERS.find((customer) => customer.contact.waId === waId)?.contact;
		if (!contact) continue;
		const message = textMessage(contact, `wamid.${randomUUID()}`, 'One more question, please');
		const { status, duration } = await post(
			webhookUrl,
			account,
			messagesBody(account, contact, [message]),
		);
		tally.answers[status] = (tally.answers[status] ?? 0) + 1;
		tally.durations.push(duration);
		tally.messages += 1;
		tally.returned += 1;
	}
}
