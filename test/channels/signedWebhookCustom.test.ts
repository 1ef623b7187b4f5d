import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { ChannelSettings } from '../../nodes/channels/channel';
import { signedWebhook, signingSecretProblem } from '../../nodes/channels/signedWebhook';
import { NOW, requestOf } from './requests';

const BODY = '{"contact":{"id":"42"},"message":{"id":"m-1","text":"مرحبا 🙏"}}';
const SECONDS = String(NOW / 1000);

/** The least that a sender like GitHub needs. */
const HUB: ChannelSettings = {
	scheme: 'custom',
	signingSecret: "It's a Secret to Everybody",
	signatureHeader: 'X-Hub-Signature-256',
	signaturePrefix: 'sha256=',
};
/** From the documentation of Slack; nobody's. */
const PUBLISHED = '8f742231b10e8888abcd99yyyzzz85a5';
const SLACK: ChannelSettings = {
	scheme: 'custom',
	signingSecret: PUBLISHED,
	signatureHeader: 'X-Slack-Signature',
	signaturePrefix: 'v0=',
	signedText: 'v0:{timestamp}:{body}',
	timestampHeader: 'X-Slack-Request-Timestamp',
};
/** As Stripe writes it: the time and the signatures in one header. */
const LISTED: ChannelSettings = {
	scheme: 'custom',
	signingSecret: 'a secret',
	signatureHeader: 'X-Signature',
	signedText: '{timestamp}.{body}',
	signatureKey: 'v1',
	timestampKey: 't',
};
const WITH_ID: ChannelSettings = {
	scheme: 'custom',
	signingSecret: 'a secret',
	signatureHeader: 'X-Signature',
	signedText: '{id}.{timestamp}.{body}',
	idHeader: 'X-ID',
	timestampHeader: 'X-Time',
};

type Headers = Record<string, string | string[] | undefined>;

const sign = (
	text: string | Buffer,
	{ secret = 'a secret' as string | Buffer, algorithm = 'sha256', encoding = 'hex' as const } = {},
): string => createHmac(algorithm, secret).update(text).digest(encoding);

const verify = (settings: ChannelSettings, headers: Headers, body: string | Buffer = BODY) =>
	signedWebhook.verify(requestOf(body, headers), settings);
const refused = (reason: string) => ({
	ok: false,
	status: 401,
	reason: expect.stringContaining(reason),
});

const slackHeaders = (at = SECONDS, body = BODY) => ({
	'x-slack-request-timestamp': at,
	'x-slack-signature': `v0=${sign(`v0:${at}:${body}`, { secret: PUBLISHED })}`,
});

interface Vector {
	channel: string;
	name: string;
	alg: string;
	encoding: string;
	secret: string;
	raw: string;
	header: string;
	value: string;
	timestamp?: string;
	transform?: string;
}

describe('a custom HMAC scheme', () => {
	it('verifies the example of the GitHub documentation', () => {
		const value = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
		const headers = { 'x-hub-signature-256': value };
		expect(verify(HUB, headers, 'Hello, World!')).toEqual({ ok: true });
		expect(verify(HUB, headers, 'Hello, World')).toEqual(refused('No signature fits the body'));
		expect(verify({ ...HUB, signingSecret: 'other' }, headers, 'Hello, World!').ok).toBe(false);
	});

	it('verifies v0 of Slack, within its time', () => {
		expect(verify(SLACK, slackHeaders())).toEqual({ ok: true });
		expect(verify(SLACK, slackHeaders(String(NOW / 1000 - 300)))).toEqual({ ok: true });
		expect(verify(SLACK, slackHeaders(String(NOW / 1000 - 301)))).toEqual(
			refused('signed 301 seconds ago; 300 seconds are allowed'),
		);
		expect(verify(SLACK, slackHeaders(String(NOW / 1000 + 301)))).toEqual(
			refused('301 seconds in the future'),
		);
		const old = slackHeaders('1');
		expect(verify({ ...SLACK, tolerance: 0 }, old)).toEqual({ ok: true });
		expect(verify({ ...SLACK, tolerance: 60 }, slackHeaders(String(NOW / 1000 - 61))).ok).toBe(
			false,
		);
		const moved = { ...slackHeaders(), 'x-slack-request-timestamp': String(NOW / 1000 + 1) };
		expect(verify(SLACK, moved)).toEqual(refused('No signature fits'));
	});

	it('takes milliseconds for a time, too', () => {
		expect(verify(SLACK, slackHeaders(String(NOW - 299_000)))).toEqual({ ok: true });
		expect(verify(SLACK, slackHeaders(String(NOW - 302_000)))).toEqual(refused('302 seconds ago'));
	});

	it.each(['', 'soon', '-1', '1.5', '1e9', '0x10', `${SECONDS} `])(
		'refuses the time %j, also where any time is accepted',
		(at) => {
			expect(verify({ ...SLACK, tolerance: 0 }, slackHeaders(at)).ok).toBe(false);
		},
	);

	it('reads time and signatures from one header', () => {
		const good = sign(`${SECONDS}.${BODY}`);
		const bad = sign(`${SECONDS}.${BODY}`, { secret: 'another' });
		const listed = (value: string) => verify(LISTED, { 'x-signature': value });
		for (const header of [
			`t=${SECONDS},v1=${good}`,
			`t=${SECONDS}, v1=${bad}, v1=${good}, v0=${bad}`,
			`v1=${good};t=${SECONDS}`,
		]) {
			expect(listed(header)).toEqual({ ok: true });
		}
		expect(listed(`t=${SECONDS},v0=${good}`)).toEqual(refused('no signature of the expected form'));
		expect(listed(`v1=${good}`)).toEqual(refused('"t" in the header X-Signature is missing'));
		// Two times, and nobody knows which was signed.
		expect(listed(`t=${SECONDS},t=${SECONDS},v1=${good}`)).toEqual(refused('more than once'));
		expect(listed(`t=1,v1=${sign(`1.${BODY}`)}`)).toEqual(refused('seconds ago'));
	});

	it('signs an ID with the rest', () => {
		const headers = (id: string) => ({
			'x-id': id,
			'x-time': SECONDS,
			'x-signature': sign(`${id}.${SECONDS}.${BODY}`),
		});
		expect(verify(WITH_ID, headers('evt_1'))).toEqual({ ok: true });
		expect(verify(WITH_ID, { ...headers('evt_1'), 'x-id': 'evt_2' }).ok).toBe(false);
		expect(verify(WITH_ID, { ...headers('evt_1'), 'x-id': undefined })).toEqual(
			refused('The header X-ID is missing'),
		);
		expect(verify(WITH_ID, headers('evt.1'))).toEqual(refused('must not contain "."'));
	});

	it('accepts one that fits among several', () => {
		const good = sign(BODY, { secret: String(HUB.signingSecret) });
		const bad = sign(BODY);
		for (const header of [
			`sha256=${bad} sha256=${good}`,
			`sha256=${bad},sha256=${good.toUpperCase()}`,
		]) {
			expect(verify(HUB, { 'X-Hub-Signature-256': header })).toEqual({ ok: true });
		}
		const bare = { ...HUB, signaturePrefix: '' };
		expect(verify(bare, { 'x-hub-signature-256': `${bad}, ${good}` })).toEqual({ ok: true });
		expect(verify(bare, { 'x-hub-signature-256': `${bad}, ${bad}` })).toEqual(
			refused('No signature fits'),
		);
	});

	it.each([
		['Standard Webhooks, described by hand', 'v1,', (value: string) => `v1,${value} v2,AAAA`],
		['a scheme of Authorization', 'HMAC', (value: string) => `HMAC ${value}`],
		['another scheme of it', 'HMAC-SHA256 ', (value: string) => `HMAC-SHA256 ${value}`],
	])('finds the signature of %s', (_name, signaturePrefix, written) => {
		const settings = { ...HUB, signaturePrefix, encoding: 'base64' };
		const value = createHmac('sha256', String(HUB.signingSecret)).update(BODY).digest('base64');
		expect(verify(settings, { 'x-hub-signature-256': written(value) })).toEqual({ ok: true });
	});

	it.each(['sha1', 'sha256', 'sha512'])('knows %s in each encoding', (algorithm) => {
		for (const encoding of ['hex', 'base64'] as const) {
			const value = createHmac(algorithm, 'a secret').update(BODY).digest(encoding);
			const settings = {
				...HUB,
				signingSecret: 'a secret',
				signaturePrefix: '',
				algorithm,
				encoding,
			};
			expect(verify(settings, { 'x-hub-signature-256': value })).toEqual({ ok: true });
			const other = algorithm === 'sha1' ? 'sha256' : 'sha1';
			expect(verify({ ...settings, algorithm: other }, { 'x-hub-signature-256': value }).ok).toBe(
				false,
			);
		}
	});

	it('takes base64 in its URL-safe form', () => {
		const digest = createHmac('sha256', Buffer.from([255, 254, 253])).update(BODY);
		const settings = { ...HUB, signaturePrefix: '', encoding: 'base64', keyEncoding: 'base64' };
		const headers = { 'x-hub-signature-256': digest.digest('base64url') };
		expect(verify({ ...settings, signingSecret: '__79' }, headers)).toEqual({ ok: true });
	});

	it('makes the key of the secret as it is told', () => {
		const key = Buffer.from('مفتاح');
		for (const [keyEncoding, signingSecret] of [
			['text', 'مفتاح'],
			['base64', key.toString('base64')],
			['hex', key.toString('hex')],
		]) {
			const settings = { ...HUB, signaturePrefix: '', keyEncoding, signingSecret };
			const headers = { 'x-hub-signature-256': sign(BODY, { secret: key }) };
			expect(verify(settings, headers)).toEqual({ ok: true });
			expect(verify({ ...settings, signingSecret: `6f6c64, ${signingSecret}` }, headers)).toEqual({
				ok: true,
			});
			expect(signingSecretProblem(settings)).toBeUndefined();
		}
	});

	it('signs the bytes as they came, also where they are no UTF-8', () => {
		const body = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
		const headers = { 'x-hub-signature-256': `sha256=${sign(body)}` };
		expect(verify({ ...HUB, signingSecret: 'a secret' }, headers, body)).toEqual({ ok: true });
	});

	it.each([
		['nothing', undefined, 'has no header X-Hub-Signature-256'],
		['an empty header', ' ', 'has no header X-Hub-Signature-256'],
		['the header twice', ['a', 'b'], 'has no header X-Hub-Signature-256'],
		['no prefix', sign(BODY), 'no signature of the expected form'],
		['another prefix', `sha1=${sign(BODY)}`, 'no signature of the expected form'],
		['no hex', 'sha256=hello', 'no signature of the expected form'],
		['half of it', `sha256=${sign(BODY).slice(0, 32)}`, 'No signature fits'],
		['a prefix alone', 'sha256=', 'no signature of the expected form'],
	])('refuses %s', (_what, header, reason) => {
		const settings = { ...HUB, signingSecret: 'a secret' };
		expect(verify(settings, { 'x-hub-signature-256': header })).toEqual(refused(reason));
	});

	it('lets nothing pass in which one bit is another', () => {
		const flipped = (bytes: Buffer, bit: number) => {
			const copy = Buffer.from(bytes);
			const place = bit % (copy.length * 8);
			copy[place >> 3]! ^= 1 << (place & 7);
			return copy;
		};
		const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
		const part = fc.constantFrom('body', 'time', 'id', 'signature', 'key');
		fc.assert(
			fc.property(text, fc.nat(1_000_000), part, (body, bit, which) => {
				const change = (name: string, bytes: Buffer) =>
					which === name ? flipped(bytes, bit) : bytes;
				const text = { id: Buffer.from('evt_1'), time: Buffer.from(SECONDS) };
				const key = Buffer.from('a key of some bytes');
				const digest = createHmac('sha512', key).update(`evt_1.${SECONDS}.${body}`).digest();
				const headers = (id: Buffer, time: Buffer, signature: Buffer) => ({
					'x-id': id.toString('latin1'),
					'x-time': time.toString('latin1'),
					'x-signature': signature.toString('base64'),
				});
				const settings = (bytes: Buffer) => ({
					...WITH_ID,
					...{ algorithm: 'sha512', encoding: 'base64', keyEncoding: 'hex', tolerance: 0 },
					signingSecret: bytes.toString('hex'),
				});
				const good = headers(text.id, text.time, digest);
				expect(verify(settings(key), good, body)).toEqual({ ok: true });
				const spoilt = headers(
					change('id', text.id),
					change('time', text.time),
					change('signature', digest),
				);
				const bytes = change('body', Buffer.from(body));
				expect(verify(settings(change('key', key)), spoilt, bytes).ok).toBe(false);
			}),
			{ numRuns: 500 },
		);
	});

	it('never throws, and never trusts, whatever the settings and headers are', () => {
		const any = fc.oneof(fc.string(), fc.constantFrom(null, undefined, 0, -1, {}, [], 'v0=', '{'));
		const headers = fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined));
		const names = [
			...new Set([SLACK, LISTED, WITH_ID].flatMap((settings) => Object.keys(settings))),
		];
		fc.assert(
			fc.property(fc.constantFrom(...names), any, headers, (name, value, header) => {
				for (const settings of [SLACK, LISTED, WITH_ID]) {
					const spoilt = { ...settings, [name]: value, scheme: 'custom' };
					const given = { 'x-signature': header, 'x-slack-signature': header };
					expect(verify(spoilt, { ...given, 'x-time': SECONDS, 'x-id': '1' }).ok).toBe(false);
					expect(signedWebhook.missingSettings(spoilt)).toBeInstanceOf(Array);
				}
			}),
		);
	});
});

describe('a half-filled scheme', () => {
	const half: Array<[string, ChannelSettings, string, RegExp]> = [
		['no secret', { ...HUB, signingSecret: ' ' }, 'Signing Secret', /^Enter the signing secret/],
		[
			'a secret that is no base64',
			{ ...HUB, keyEncoding: 'base64' },
			'Signing Secret',
			/^The signing secret is not base64/,
		],
		[
			'a secret that is no hex',
			{ ...HUB, keyEncoding: 'hex' },
			'Signing Secret',
			/^The signing secret is not hexadecimal/,
		],
		['no header', { ...HUB, signatureHeader: '' }, 'Signature Header', /name of the header/],
		[
			'no name of a header',
			{ ...HUB, signatureHeader: 'X-A: b' },
			'Signature Header',
			/not a name/,
		],
		['another algorithm', { ...HUB, algorithm: 'md5' }, 'Algorithm', /^Choose SHA-1/],
		['another encoding', { ...HUB, encoding: 'base32' }, 'Encoding', /^Choose Hex/],
		['another form of secret', { ...HUB, keyEncoding: 'x' }, 'Secret Encoding', /^Choose Text/],
		['a negative tolerance', { ...SLACK, tolerance: -1 }, 'Tolerance', /^Tolerance must be/],
		['an empty tolerance', { ...SLACK, tolerance: '' }, 'Tolerance', /^Tolerance must be/],
		['half a second', { ...SLACK, tolerance: 0.5 }, 'Tolerance', /^Tolerance must be/],
		['no body', { ...SLACK, signedText: '{timestamp}' }, 'Signed Text', /must hold \{body\} once/],
		['an empty text', { ...HUB, signedText: ' ' }, 'Signed Text', /must hold \{body\} once/],
		['the body twice', { ...HUB, signedText: '{body}{body}' }, 'Signed Text', /once/],
		['an unknown placeholder', { ...HUB, signedText: '{url}{body}' }, 'Signed Text', /no other/],
		['an open brace', { ...HUB, signedText: '{{body}' }, 'Signed Text', /no other braces/],
		[
			'no place of the time',
			{ ...SLACK, timestampHeader: '' },
			'Timestamp Header',
			/enter the header it stands in, or its Timestamp Key/,
		],
		[
			'a time that is not signed',
			{ ...SLACK, signedText: '{body}' },
			'Signed Text',
			/not signed proves nothing/,
		],
		['two times', { ...LISTED, timestampHeader: 'X-Time' }, 'Timestamp Key', /clear/],
		['no signature key', { ...LISTED, signatureKey: '' }, 'Signature Key', /needs Signature Key/],
		['no name of a key', { ...LISTED, signatureKey: 'v1=' }, 'Signature Key', /is not a name/],
		['no place of the ID', { ...WITH_ID, idHeader: ' ' }, 'ID Header', /enter the header/],
		['no name of the time', { ...SLACK, timestampHeader: 'a b' }, 'Timestamp Header', /not a name/],
		[
			'an ID that is not signed',
			{ ...HUB, idHeader: 'X-ID' },
			'Signed Text',
			/ID Header is named, but Signed Text has no \{id\}/,
		],
	];

	it.each(half)(
		'%s: publishing, the test and every request say so',
		(_n, settings, field, said) => {
			expect(signedWebhook.missingSettings(settings)).toEqual([field]);
			expect(signingSecretProblem(settings)).toMatch(said);
			const headers = {
				...slackHeaders(),
				'x-hub-signature-256': 'sha256=00',
				'x-signature': '00',
			};
			expect(verify(settings, headers)).toEqual(
				refused(`The credential is not complete ('${field}')`),
			);
		},
	);

	it('is complete when it is', () => {
		for (const settings of [HUB, SLACK, LISTED, WITH_ID]) {
			expect(signedWebhook.missingSettings(settings)).toEqual([]);
			expect(signingSecretProblem(settings)).toBeUndefined();
		}
	});

	it('the test names the one bad secret, which does not spoil the good one', () => {
		const settings = { ...HUB, keyEncoding: 'hex', signingSecret: '00ff, oops' };
		expect(signedWebhook.missingSettings(settings)).toEqual([]);
		expect(signingSecretProblem(settings)).toMatch(/^Signing secret 2 is not hexadecimal/);
		expect(signingSecretProblem(settings)).not.toContain('oops');
	});
});

const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads');

/** Which text these senders sign, by the collection's own words; bodies alone unless said here. */
const SIGNED_TEXT: Record<string, ChannelSettings> = {
	slack: { signedText: 'v0:{timestamp}:{body}', timestampHeader: 'X-Slack-Request-Timestamp' },
	chatwoot: { signedText: '{timestamp}.{body}', timestampHeader: 'X-Time' },
};

if (existsSync(SAMPLES)) {
	const read = (...file: string[]) =>
		JSON.parse(readFileSync(path.join(SAMPLES, ...file), 'utf8')) as unknown;

	describe('signatures of other senders, described by hand', () => {
		const vectors = (read('signature_vectors.json') as Vector[]).filter(
			({ channel, transform }) =>
				!['twilio', 'standardwebhooks'].includes(channel) && transform === undefined,
		);

		it('are there', () => expect(vectors.length).toBeGreaterThan(10));

		it.each(vectors)('$channel: $name', (vector) => {
			const more = SIGNED_TEXT[vector.channel] ?? {};
			const settings = {
				scheme: 'custom',
				signingSecret: vector.secret,
				signatureHeader: vector.header,
				signaturePrefix: /^(?:sha256|v0)=/.exec(vector.value)?.[0] ?? '',
				algorithm: vector.alg.replace('hmac-', ''),
				encoding: vector.encoding,
				...more,
			};
			const headers = {
				[vector.header]: vector.value,
				...(more.timestampHeader ? { [String(more.timestampHeader)]: vector.timestamp } : {}),
			};
			const at = (body: string, later = 0) => {
				const now = vector.timestamp ? (Number(vector.timestamp) + later) * 1000 : NOW;
				return signedWebhook.verify({ ...requestOf(body, headers), now }, settings).ok;
			};
			expect(at(vector.raw)).toBe(true);
			expect(at(`${vector.raw} `)).toBe(false);
			if (vector.timestamp) expect(at(vector.raw, 301)).toBe(false);
		});
	});

	describe('the bodies of the collection for webhooks of your own', () => {
		interface Signed {
			raw: string;
			headers: Record<string, string>;
			secret?: string;
			signingSecret?: string;
		}

		it('Slack', () => {
			const { raw, headers, signingSecret } = read('generic', 'slack_v0_vector.json') as Signed;
			const now = Number(headers['X-Slack-Request-Timestamp']) * 1000;
			const request = { ...requestOf(raw, headers), now };
			expect(signedWebhook.verify(request, { ...SLACK, signingSecret })).toEqual({ ok: true });
		});

		it('Standard Webhooks, by its own names, by those of Svix, and described by hand', () => {
			const sample = read('generic', 'standard_webhooks_vector.json') as Signed;
			const now = Number(sample.headers['webhook-timestamp']) * 1000;
			const svix = Object.fromEntries(
				Object.entries(sample.headers).map(([name, value]) => [
					name.replace('webhook-', 'svix-'),
					value,
				]),
			);
			const settings = { signingSecret: sample.secret };
			for (const headers of [sample.headers, svix]) {
				const request = { ...requestOf(sample.raw, headers), now };
				expect(signedWebhook.verify(request, settings)).toEqual({ ok: true });
			}
			const byHand = {
				scheme: 'custom',
				signingSecret: sample.secret?.replace('whsec_', ''),
				keyEncoding: 'base64',
				signatureHeader: 'webhook-signature',
				signaturePrefix: 'v1,',
				encoding: 'base64',
				signedText: '{id}.{timestamp}.{body}',
				idHeader: 'webhook-id',
				timestampHeader: 'webhook-timestamp',
			};
			const request = { ...requestOf(sample.raw, sample.headers), now };
			expect(signedWebhook.verify(request, byHand)).toEqual({ ok: true });
		});

		it('an event that is no message of ours is told what was expected', () => {
			const event = read('generic', 'standard_webhooks_example_event.json');
			const parsed = signedWebhook.parse(requestOf(event), {});
			expect(parsed.messages).toEqual([]);
			expect(parsed.malformed).toEqual([
				{ reason: expect.stringContaining('contact.id is missing') },
			]);
		});
	});
}
