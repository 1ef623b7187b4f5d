import { ChannelError } from '../errors';
import { fieldsOf, textOf } from '../fields';
import { isOk, type ChannelTools, type HttpAnswer } from '../http';
import type { Registration } from '../registration';
import { errorOf, lacks } from './answers';
import { addressOf } from './send';
import { registeredSecret, SECRET_HEADER, TOKEN } from './verify';

/** What the channel reads. Without `MESSAGES_EDITED`, which version 1 does not know. */
const EVENTS = ['MESSAGES_UPSERT', 'MESSAGES_UPDATE', 'MESSAGES_DELETE', 'SEND_MESSAGE'];

/**
 * The webhook of an instance (`/webhook/find`, `/webhook/set`; API 2.3 and 1.8). There is one.
 *
 * The secret goes into a header. It is in the address as well, since versions before 2.1.1 know no
 * headers and take them without a word.
 */
export const registration: Registration = {
	exclusive: true,

	address(url, settings) {
		const secret = registeredSecret(settings);
		if (secret === undefined) return url;
		const address = new URL(url);
		address.searchParams.set(TOKEN, secret);
		return address.toString();
	},

	async current(tools) {
		const answer = await tools.call({
			method: 'GET',
			url: addressOf('webhook/find', instanceOf(tools), tools),
		});
		if (!isOk(answer)) throw errorOf(answer);
		// An instance that never had a webhook answers with null.
		const row = fieldsOf(fieldsOf(answer.body)?.webhook) ?? fieldsOf(answer.body);
		const url = textOf(row?.url);
		return url === undefined || row?.enabled === false ? [] : [url];
	},

	async set(address, tools) {
		const secret = registeredSecret(tools.settings);
		// What stood here before a test run is put back by this as well: no secret of ours goes there.
		const isOurs = secret !== undefined && tokenOf(address) === secret;
		const answer = await write(address, true, tools, {
			...(isOurs ? { headers: { [SECRET_HEADER]: secret } } : {}),
			events: [...EVENTS, 'MESSAGES_EDITED'],
		});
		if (!isOk(answer)) throw errorOf(answer);
	},

	async remove(address, tools) {
		const [current] = await registration.current(tools);
		if (current !== address) return;
		const answer = await write(address, false, tools, { events: [] });
		if (!isOk(answer)) throw errorOf(answer);
	},
};

const tokenOf = (address: string) =>
	URL.canParse(address) ? new URL(address).searchParams.get(TOKEN) : null;

async function write(
	url: string,
	enabled: boolean,
	tools: ChannelTools,
	more: { headers?: Record<string, string>; events: string[] },
): Promise<HttpAnswer> {
	const put = async (json: object) =>
		await tools.call({
			method: 'POST',
			url: addressOf('webhook/set', instanceOf(tools), tools),
			json,
			// It writes the same row again.
			repeatable: true,
		});
	const answer = await put({ webhook: { enabled, url, byEvents: false, base64: false, ...more } });
	// Version 1 and the first ones of version 2 want it flat, under names of their own.
	if (!lacks(answer, 'url', 'enabled')) return answer;
	return await put({
		enabled,
		url,
		webhook_by_events: false,
		webhook_base64: false,
		webhookByEvents: false,
		webhookBase64: false,
		events: enabled ? EVENTS : [],
	});
}

function instanceOf({ settings }: ChannelTools): string {
	const instance = textOf(settings.instanceName);
	if (instance !== undefined) return instance;
	throw new ChannelError(
		'rejected',
		'The credential has no Instance Name',
		'Enter the name of the instance as the manager of Evolution API shows it.',
	);
}
