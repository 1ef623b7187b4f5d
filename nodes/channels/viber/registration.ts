import { textOf } from '../fields';
import type { ChannelTools } from '../http';
import type { Registration } from '../registration';
import { callViber } from './api';

/** What Viber may be asked to leave out; messages and its check of the address come in any case. */
const EVENT_TYPES = [
	'delivered',
	'seen',
	'failed',
	'subscribed',
	'unsubscribed',
	'conversation_started',
];

/**
 * The webhook of a Viber bot (Viber REST API, "Setting a Webhook" and "Get Account Info"). Viber posts
 * the event `webhook` to the address while it is registered, and refuses it unless 200 comes back.
 */
export const registration: Registration = {
	exclusive: true,

	address: (url) => url,

	current,

	async set(address, tools) {
		await callViber(
			{
				method: 'set_webhook',
				// Names are for the agents; nobody needs the pictures.
				json: { url: address, event_types: EVENT_TYPES, send_name: true, send_photo: false },
				repeatable: true,
				act: 'register the address',
			},
			tools,
		);
	},

	async remove(address, tools) {
		// An empty address takes away whatever is there, so look first whose it is.
		if (!(await current(tools)).includes(address)) return;
		await callViber(
			{ method: 'set_webhook', json: { url: '' }, repeatable: true, act: 'remove the address' },
			tools,
		);
	},
};

async function current(tools: ChannelTools): Promise<string[]> {
	const account = await callViber(
		{ method: 'get_account_info', json: {}, repeatable: true, act: 'tell its webhook' },
		tools,
	);
	const webhook = textOf(account.webhook);
	return webhook === undefined ? [] : [webhook];
}
