import { ChannelError } from '../errors';
import { fieldsOf, textOf } from '../fields';
import { isOk, type ChannelTools, type HttpAnswer } from '../http';
import type { Registration } from '../registration';
import { addressOf, failureOf } from './api';

const ENDPOINT = '/v2/bot/channel/webhook/endpoint';

/**
 * The webhook of a LINE channel (Messaging API reference, "Get webhook endpoint information" and
 * "Set webhook endpoint URL"). LINE documents no way to remove it or to turn it off: both are done
 * by hand in the LINE Developers console. So there is no `remove`, and the address stays until
 * another one takes its place.
 */
export const registration: Registration = {
	exclusive: true,

	address: (url) => url,

	async current(tools) {
		const { endpoint, active } = await read(tools);
		// Registered but turned off is as good as not registered: setting it again says so.
		return endpoint !== undefined && active ? [endpoint] : [];
	},

	async set(address, tools) {
		const answer = await tools.call({
			method: 'PUT',
			url: addressOf(tools, ENDPOINT),
			json: { endpoint: address },
		});
		if (!isOk(answer)) throw failureOf(answer, 'register the address', false);
		const { active } = await read(tools);
		if (!active) {
			throw new ChannelError(
				'rejected',
				'LINE has the address, but the webhook of the channel is turned off, so no message would come',
				'Turn on "Use webhook" in the LINE Developers console, under Messaging API, and publish again.',
			);
		}
	},
};

async function read(
	tools: ChannelTools,
): Promise<{ endpoint: string | undefined; active: boolean }> {
	const answer: HttpAnswer = await tools.call({ method: 'GET', url: addressOf(tools, ENDPOINT) });
	// A channel that never had an address.
	if (answer.status === 404) return { endpoint: undefined, active: false };
	if (!isOk(answer)) throw failureOf(answer, 'read the registered address', false);
	const { endpoint, active } = fieldsOf(answer.body) ?? {};
	return { endpoint: textOf(endpoint), active: active !== false };
}
