import { channelByKey } from '../../nodes/channels';
import { chatwoot } from '../../nodes/channels/chatwoot';
import { line } from '../../nodes/channels/line';
import { messenger } from '../../nodes/channels/messenger';
import { whatsapp } from '../../nodes/channels/whatsapp';
import { countOf } from '../../nodes/channels/skipped';
import { requestOf } from './requests';

const many = (count: number) => Array.from({ length: count }, () => 0);

describe('what is skipped', () => {
	const parse = (key: string, body: unknown) => channelByKey(key)!.parse(requestOf(body), {});

	it('is told twenty times, and how many times more', () => {
		const parsed = parse('plainWebhook', many(25));
		expect(parsed.malformed).toHaveLength(21);
		expect(parsed.malformed[19]?.reason).toContain('index 19');
		expect(parsed.malformed[20]).toEqual({ reason: 'And 5 more parts of the body.', count: 5 });
		expect(countOf(parsed.malformed)).toBe(25);
		expect(parse('plainWebhook', many(20)).malformed).toHaveLength(20);
		const [last] = parse('plainWebhook', many(21)).malformed.slice(20);
		expect(last).toEqual({ reason: 'And 1 more part of the body.', count: 1 });
	});

	it('is told of what is rightly skipped in the same way', () => {
		const events = many(30).map(() => ({ type: 'join' }));
		const parsed = parse('line', { destination: 'U1', events });
		expect(parsed.ignored).toHaveLength(21);
		expect(parsed.ignored[20]).toEqual({ reason: 'And 10 more parts of the body.', count: 10 });
	});
});

describe('lists that are longer than any provider sends', () => {
	const list = many(1001);
	const change = (value: object) => ({ changes: [{ field: 'messages', value }] });
	const meta = (entry: unknown) => ({ object: 'whatsapp_business_account', entry });
	const page = (entry: unknown) => ({ object: 'page', entry });

	it.each([
		['entries of WhatsApp', whatsapp, meta(list), 'entry'],
		['changes of WhatsApp', whatsapp, meta([{ changes: list }]), 'entry[0].changes'],
		[
			'messages of WhatsApp',
			whatsapp,
			meta([change({ messages: list })]),
			'entry[0].changes[0].value.messages',
		],
		['entries of Messenger', messenger, page(list), 'entry'],
		['events of Messenger', messenger, page([{ messaging: list }]), 'entry[0].messaging'],
		['changes of Messenger', messenger, page([{ changes: list }]), 'entry[0].changes'],
		['events of LINE', line, { events: list }, 'events'],
		[
			'messages of a conversation of Chatwoot',
			chatwoot,
			{ event: 'conversation_created', messages: list },
			'conversation_created.messages',
		],
	])('are read up to the thousandth element: %s', (_what, channel, body, where) => {
		const { ignored, malformed } = channel.parse(requestOf(body), {});
		expect(ignored.length + malformed.length).toBe(1001);
		const sentence = `${where} holds 1001 elements; only the first 1000 are read.`;
		expect(malformed[0]).toEqual({ reason: sentence });
	});
});
