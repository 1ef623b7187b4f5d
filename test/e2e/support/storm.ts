import {
	messagesBody,
	post,
	textMessage,
	type PostResult,
	type WhatsAppAccount,
} from '../../host/whatsapp';
import { sleep } from '../../host/waiting';
import { APP_SECRET, PHONE_NUMBER_ID } from './rig';

export const ACCOUNT: WhatsAppAccount = { appSecret: APP_SECRET, phoneNumberId: PHONE_NUMBER_ID };

/** One message of one customer, to be delivered at least once. */
export interface Shot {
	contact: number;
	message: number;
}

/** `contacts` × `messages`, each twice, in an order that a seed decides. */
export function shots(contacts: number, messages: number, seed: number): Shot[] {
	const all: Shot[] = [];
	for (let contact = 0; contact < contacts; contact++) {
		for (let message = 0; message < messages; message++) {
			all.push({ contact, message }, { contact, message });
		}
	}
	let state = seed;
	const random = () => {
		// Park–Miller: enough to shuffle, and the same everywhere.
		state = (state * 48271) % 0x7fffffff;
		return state / 0x7fffffff;
	};
	for (let index = all.length - 1; index > 0; index--) {
		const other = Math.floor(random() * (index + 1));
		[all[index], all[other]] = [all[other]!, all[index]!];
	}
	return all;
}

const GREETINGS = [
	'Hello, I need help',
	'مرحبا، أحتاج مساعدة',
	'Hola, necesito ayuda',
	'你好，我需要帮助',
];

export interface StormOptions {
	url: string;
	/** Requests at a time. */
	concurrency: number;
	/** Called after each 2xx. */
	acknowledged?: () => void;
	/** Asked before each try: a storm at a server that will not come back must end. */
	over?: () => boolean;
}

/**
 * Whether the webhook said that it has the message. The status alone does not tell: while n8n 2.40
 * starts, before its database is ready, it answers every request with 200 and "n8n is starting up".
 */
async function isAcknowledged(posted: Promise<PostResult>): Promise<boolean> {
	const answer = await posted.catch(() => undefined);
	if (!answer || answer.status < 200 || answer.status >= 300) return false;
	return typeof (answer.body as { received?: unknown } | null)?.received === 'number';
}

/** Posts every shot until it is acknowledged, as the provider does. Returns how often it had to. */
export async function storm(
	all: Shot[],
	{ url, concurrency, acknowledged, over }: StormOptions,
): Promise<{ posts: number; refused: number }> {
	const waiting = [...all];
	let posts = 0;
	let refused = 0;
	const shooter = async () => {
		for (let shot = waiting.shift(); shot; shot = waiting.shift()) {
			const contact = {
				waId: `20100${String(1000000 + shot.contact)}`,
				name: `Customer ${shot.contact}`,
			};
			const id = `wamid.${shot.contact}.${shot.message}`;
			const text = GREETINGS[shot.contact % GREETINGS.length]!;
			const body = messagesBody(ACCOUNT, contact, [textMessage(contact, id, text)]);
			for (;;) {
				if (over?.()) return;
				posts++;
				if (await isAcknowledged(post(url, ACCOUNT, body))) break;
				refused++;
				await sleep(250);
			}
			acknowledged?.();
		}
	};
	await Promise.all(Array.from({ length: concurrency }, shooter));
	return { posts, refused };
}
