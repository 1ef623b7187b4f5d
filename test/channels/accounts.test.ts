import { channelByKey, channels } from '../../nodes/channels';
import type { HandshakeAnswer, InboundMessage } from '../../nodes/channels/channel';
import { standIns } from '../standins';
import type { ChannelStandIn } from '../standins/channelStandIn';
import { startStandIn, type StandIn } from '../standins/standIn';

/**
 * A message is answered by a credential that says it is for the message's account. So both must write
 * the account in the same way, or nothing could be answered.
 */
describe('the account of a message', () => {
	let n8n: StandIn;
	let provider: ChannelStandIn | undefined;
	let answer: HandshakeAnswer | undefined;

	beforeEach(async () => {
		n8n = await startStandIn(() =>
			answer
				? { headers: { 'content-type': answer.contentType }, body: answer.body }
				: { body: { received: 1 } },
		);
	});
	afterEach(async () => {
		await provider?.close();
		await n8n.close();
	});

	const isOneAccount = (key: string) => channelByKey(key)?.sending?.oneAccount === true;

	async function messages(key: string, more: Record<string, unknown> = {}) {
		const channel = channelByKey(key)!;
		answer = channel.answer;
		provider = await standIns[key]!();
		await provider.customerWrites(n8n.url, { from: '880001', id: '9001', text: 'مرحبا' });
		const settings = { ...provider.credential.data, ...more };
		const read = n8n.received.flatMap(({ headers, query, rawBody }): InboundMessage[] => {
			const request = { headers, query, rawBody, url: n8n.url, now: Date.now() };
			return channel.parse(request, settings).messages;
		});
		expect(read.length).toBeGreaterThan(0);
		return { accounts: channel.accounts(settings), read };
	}

	it('is looked at for each channel that sends from one account', () => {
		const one = channels.filter(({ key }) => isOneAccount(key)).map(({ key }) => key);
		expect(one.length).toBeGreaterThan(0);
		expect(Object.keys(standIns)).toEqual(expect.arrayContaining(one));
	});

	it.each(Object.keys(standIns))('is one of the credential: %s', async (key) => {
		const { accounts, read } = await messages(key);
		if (isOneAccount(key)) expect(accounts).not.toEqual([]);
		if (accounts.length === 0) return;
		for (const { account } of read) expect(accounts).toContain(account);
	});

	it.each(['waha', 'evolution'])('has the name of the credential: %s', async (key) => {
		const { accounts, read } = await messages(key, { accountName: 'Riyadh' });
		expect(accounts).toEqual(['Riyadh']);
		for (const { account } of read) expect(account).toBe('Riyadh');
	});

	it.each([
		['instagram', undefined],
		['messenger', true],
	])('of %s is not bound to one where an account has several IDs', (key, expected) => {
		expect(channelByKey(key)!.sending!.oneAccount).toBe(expected);
	});
});
