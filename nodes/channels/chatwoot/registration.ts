import { fieldsOf, idOf, listOf, textOf } from '../fields';
import type { ChannelTools, HttpCall } from '../http';
import { addressWithToken } from '../platforms/token';
import type { Registration } from '../registration';
import { accountUrl, ask } from './api';
import { tokenOf } from './verify';

/** The events that `parse` reads. */
const SUBSCRIPTIONS = [
	'message_created',
	'message_updated',
	'conversation_created',
	'conversation_status_changed',
	'conversation_updated',
];

const NO_WEBHOOK = {
	message: 'Chatwoot does not know this account',
	hint: 'Compare Base URL and Account ID in the credential with the address at which you see Chatwoot.',
};

interface Webhook {
	id: string;
	url: string;
	subscriptions: unknown[];
}

/** Application API, "Webhooks": an account has as many as it likes. */
export const registration: Registration = {
	exclusive: false,

	address: (url, settings) => addressWithToken(url, tokenOf(settings)),

	async current(tools) {
		return (await list(tools)).map(({ url }) => url);
	},

	async set(address, tools) {
		const there = (await list(tools)).find(({ url }) => url === address);
		if (there && SUBSCRIPTIONS.every((event) => there.subscriptions.includes(event))) return;
		const call: HttpCall = {
			method: there ? 'PATCH' : 'POST',
			url: there ? `${urlOf(tools)}/${there.id}` : urlOf(tools),
			json: { webhook: { url: address, subscriptions: SUBSCRIPTIONS } },
			// An address is taken once: made again, the call is refused and nothing is doubled.
			repeatable: true,
		};
		try {
			await ask(tools, call, { missing: NO_WEBHOOK });
		} catch (error) {
			const isThere = (await list(tools)).some(({ url }) => url === address);
			if (there || !isThere) throw error as Error;
		}
	},

	async remove(address, tools) {
		for (const { id, url } of await list(tools)) {
			if (url !== address) continue;
			const call: HttpCall = { method: 'DELETE', url: `${urlOf(tools)}/${id}` };
			await ask(tools, call, { missing: NO_WEBHOOK, goneIsFine: true });
		}
	},
};

const urlOf = (tools: ChannelTools) => `${accountUrl(tools)}/webhooks`;

async function list(tools: ChannelTools): Promise<Webhook[]> {
	const { body } = await ask(tools, { method: 'GET', url: urlOf(tools) }, { missing: NO_WEBHOOK });
	const payload = fieldsOf(body)?.payload;
	return listOf(fieldsOf(payload)?.webhooks ?? payload).flatMap((element) => {
		const webhook = fieldsOf(element);
		const id = idOf(webhook?.id);
		const url = textOf(webhook?.url);
		return id === undefined || url === undefined
			? []
			: [{ id, url, subscriptions: listOf(webhook?.subscriptions) }];
	});
}
