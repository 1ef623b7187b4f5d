import fc from 'fast-check';
import { channels } from '../../nodes/channels';
import type { Channel } from '../../nodes/channels/channel';
import { bodiesOf, settingsFor } from './bodies';
import { expectSoundness, requestOf } from './requests';

/** Values that have broken parsers before, beside whatever fast-check makes up. */
const poison = fc.oneof(
	{ weight: 3, arbitrary: fc.jsonValue() },
	fc.constantFrom<unknown>(
		null,
		'',
		0,
		-1,
		1.5,
		1e21,
		true,
		[],
		{},
		[null],
		'\u0000',
		'\ud800',
		'x'.repeat(100_000),
		{ toString: 1, valueOf: null },
		{ length: 1e9 },
		'__proto__',
		'constructor',
		JSON.parse('{"__proto__":{"polluted":"yes"}}'),
		JSON.parse('{"constructor":{"prototype":{"polluted":"yes"}}}'),
		nested(50),
	),
);

function nested(levels: number): unknown {
	return JSON.parse('{"a":['.repeat(levels) + ']}'.repeat(levels));
}

const cases: Array<[string, Channel, unknown[]]> = channels.map((channel) => [
	channel.displayName,
	channel,
	bodiesOf(channel).map(({ body }) => body),
]);

/** A copy of the body with the value at the n-th place (in the order of a walk) put in its stead. */
function withValueAt(body: unknown, place: number, value: unknown): unknown {
	let left = place;
	const walk = (node: unknown): unknown => {
		if (left-- === 0) return value;
		if (Array.isArray(node)) return node.map(walk);
		if (typeof node !== 'object' || node === null) return node;
		return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner)]));
	};
	return walk(body);
}

function placesIn(body: unknown): number {
	if (typeof body !== 'object' || body === null) return 1;
	return Object.values(body).reduce((sum: number, inner) => sum + placesIn(inner), 1);
}

describe.each(cases)('%s takes whatever is sent', (_name, channel, bodies) => {
	const settings = settingsFor(channel);
	const parse = (body: unknown) => channel.parse(requestOf(body), settings);

	it('never throws on any JSON', () => {
		fc.assert(fc.property(poison, (body) => expectSoundness(parse(body))));
	});

	it('never throws on any bytes', () => {
		fc.assert(fc.property(fc.uint8Array(), (bytes) => expectSoundness(parse(Buffer.from(bytes)))));
	});

	it('never throws where any one value of a good body is exchanged for another', () => {
		const spoilt = fc
			.constantFrom(...bodies)
			.chain((body) =>
				fc
					.tuple(fc.nat({ max: placesIn(body) - 1 }), poison)
					.map(([place, value]) => withValueAt(body, place, value)),
			);
		fc.assert(
			fc.property(spoilt, (body) => expectSoundness(parse(body))),
			{ numRuns: 2000 },
		);
	});

	it('never throws where a body is cut off', () => {
		fc.assert(
			fc.property(fc.constantFrom(...bodies), fc.nat(2000), (body, length) => {
				const text = typeof body === 'string' ? body : JSON.stringify(body);
				expectSoundness(parse(text.slice(0, length)));
			}),
		);
	});

	it('never throws on brackets without end', () => {
		for (const depth of [1_000, 100_000]) {
			expectSoundness(parse('['.repeat(depth) + ']'.repeat(depth)));
			expectSoundness(parse('{"entry":'.repeat(depth) + '1234567890123456789' + '}'.repeat(depth)));
		}
	});

	it('leaves the prototypes of all objects alone', () => {
		fc.assert(fc.property(poison, (body) => void parse(body)));
		for (const body of bodies) {
			if (typeof body !== 'object') continue;
			const text = JSON.stringify(body).replaceAll('{', '{"__proto__":{"polluted":"yes"},');
			parse(text.replaceAll(',}', '}'));
		}
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
		expect(([] as unknown as Record<string, unknown>).polluted).toBeUndefined();
	});
});

describe('one bad element', () => {
	it('never harms the others', () => {
		const good = (id: string) => ({ contact: { id: '42' }, message: { id, text: 'مرحبا' } });
		fc.assert(
			fc.property(poison, (bad) => {
				for (const channel of channels.filter(({ key }) => key.endsWith('Webhook'))) {
					const { messages } = channel.parse(requestOf([good('a'), bad, good('b')]), {});
					const ids = messages.map(({ id }) => id);
					expect(ids[0]).toBe('a');
					expect(ids.at(-1)).toBe('b');
				}
				const body = {
					object: 'whatsapp_business_account',
					entry: [
						bad,
						{
							changes: [
								bad,
								{
									field: 'messages',
									value: {
										metadata: { phone_number_id: '1' },
										contacts: [bad],
										messages: [bad, { from: '12025550143', id: 'w', type: 'text', text: bad }],
									},
								},
							],
						},
					],
				};
				const whatsapp = channels.find(({ key }) => key === 'whatsapp');
				const messages = whatsapp?.parse(requestOf(body), {}).messages ?? [];
				expect(messages.map(({ id }) => id)).toEqual(['w']);
			}),
		);
	});
});
