import axios from 'axios';
import { sign } from '../../host/whatsapp';
import { APP_SECRET } from './rig';

/**
 * Message ids made unique for one body; an id that the body repeats stays repeated. Collections of
 * samples use the same id again and again, which a store rightly takes for a repeat.
 */
export function withOwnIds(body: string, suffix: string): string {
	let own = body;
	for (const id of messageIds(JSON.parse(body)))
		own = own.replaceAll(`"${id}"`, `"${id}${suffix}"`);
	return own;
}

/** The ids of messages, wherever in a body the list `messages` stands. */
function messageIds(value: unknown): Set<string> {
	const found = new Set<string>();
	const look = (part: unknown): void => {
		if (Array.isArray(part)) part.forEach(look);
		else if (typeof part === 'object' && part !== null) {
			for (const [name, inner] of Object.entries(part)) {
				if (name === 'messages' && Array.isArray(inner)) {
					for (const message of inner as Array<{ id?: unknown } | null>) {
						if (typeof message?.id === 'string') found.add(message.id);
					}
				}
				look(inner);
			}
		}
	};
	look(value);
	return found;
}

/** Posts bytes as they are, signed as Meta signs them unless another signature is given. */
export async function postRaw(url: string, body: Buffer | string, headers: object = {}) {
	const raw = Buffer.from(body);
	return await axios.post<{ error?: string; message?: string; opened?: number }>(url, raw, {
		headers: {
			'content-type': 'application/json',
			'x-hub-signature-256': sign(APP_SECRET, raw),
			...headers,
		},
		maxBodyLength: Infinity,
		validateStatus: () => true,
		proxy: false,
	});
}
