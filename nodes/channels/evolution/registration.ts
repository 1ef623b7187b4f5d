import { fieldsOf, listOf, present, textOf, type Fields } from '../fields';
import { isOk, type ChannelTools, type HttpAnswer } from '../http';
import type { Registration } from '../registration';
import { errorOf, lacks } from './answers';
import { addressOf } from './send';
import { registeredSecret, SECRET_HEADER, TOKEN } from './verify';

/** Version 1 does not know it. */
const EDITED = 'MESSAGES_EDITED';

/** What the channel reads besides. */
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

	async current(tools, address) {
		const row = await registered(tools);
		if (!row) return [];
		if (row.url === address && !isReady(row, tools)) return [];
		if (!isOurs(row.url, tools)) foreign.set(addressOf('webhook', tools), row);
		return [row.url];
	},

	async set(address, tools) {
		// What stood here before a test run is put back by this as well: no secret of ours goes there.
		const theirs = foreign.get(addressOf('webhook', tools));
		if (theirs?.url === address) {
			await putBack(theirs, tools);
			foreign.delete(addressOf('webhook', tools));
			return;
		}
		const secret = isOurs(address, tools) ? registeredSecret(tools.settings) : undefined;
		const answer = await write(address, true, tools, {
			...(secret === undefined ? {} : { headers: { [SECRET_HEADER]: secret } }),
			events: [...EVENTS, EDITED],
		});
		if (!isOk(answer)) throw errorOf(answer);
	},

	async remove(address, tools) {
		if ((await registered(tools))?.url !== address) return;
		const answer = await write(address, false, tools, { events: [] });
		if (!isOk(answer)) throw errorOf(answer);
	},
};

/** The webhook as `/webhook/find` gives it; version 1 writes some names otherwise. */
type Row = Fields & { url: string };

/** The webhook that is on. */
async function registered(tools: ChannelTools): Promise<Row | undefined> {
	const answer = await tools.call({ method: 'GET', url: addressOf('webhook/find', tools) });
	if (!isOk(answer)) throw errorOf(answer);
	// An instance that never had a webhook answers with null.
	const row = fieldsOf(fieldsOf(answer.body)?.webhook) ?? fieldsOf(answer.body);
	const url = textOf(row?.url);
	return url === undefined || row?.enabled === false ? undefined : { ...row, url };
}

/** Another program's webhook, by instance: a test run that takes its place puts it back as it was. */
const foreign = new Map<string, Row>();

const byEventsIn = (row: Row) => (row.webhookByEvents ?? row.webhook_by_events) === true;
const base64In = (row: Row) => (row.webhookBase64 ?? row.webhook_base64) === true;

function isOurs(address: string, { settings }: ChannelTools): boolean {
	const token = URL.canParse(address) ? new URL(address).searchParams.get(TOKEN) : null;
	return token !== null && token === registeredSecret(settings);
}

/** Whether it sends what the channel reads, to the address itself, with the header where it knows them. */
function isReady(row: Row, { settings }: ChannelTools): boolean {
	// Versions that know no headers do not know that event either.
	const knowsHeaders = 'headers' in row;
	const events = listOf(row.events);
	const isComplete = [...EVENTS, ...(knowsHeaders ? [EDITED] : [])].every((event) =>
		events.includes(event),
	);
	const secret = registeredSecret(settings);
	const isProven =
		!knowsHeaders || secret === undefined || fieldsOf(row.headers)?.[SECRET_HEADER] === secret;
	return isComplete && isProven && !byEventsIn(row);
}

async function putBack(row: Row, tools: ChannelTools): Promise<void> {
	const answer = await write(row.url, true, tools, {
		headers: fieldsOf(row.headers),
		events: listOf(row.events),
		byEvents: byEventsIn(row),
		base64: base64In(row),
	});
	if (!isOk(answer)) throw errorOf(answer);
}

async function write(
	url: string,
	enabled: boolean,
	tools: ChannelTools,
	more: { headers?: Fields | undefined; events: unknown[]; byEvents?: boolean; base64?: boolean },
): Promise<HttpAnswer> {
	const put = async (json: object) =>
		await tools.call({
			method: 'POST',
			url: addressOf('webhook/set', tools),
			json,
			// It writes the same row again.
			repeatable: true,
		});
	const { byEvents = false, base64 = false, events } = more;
	const answer = await put({ webhook: present({ enabled, url, byEvents, base64, ...more }) });
	// Version 1 and the first ones of version 2 want it flat, under names of their own.
	if (!lacks(answer, 'url', 'enabled')) return answer;
	return await put({
		enabled,
		url,
		webhook_by_events: byEvents,
		webhook_base64: base64,
		webhookByEvents: byEvents,
		webhookBase64: base64,
		events: events.filter((event) => event !== EDITED),
	});
}
