import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { signedWebhook, signingSecretProblem } from '../../nodes/channels/signedWebhook';
import { NOW, requestOf } from './requests';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes....').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('another one of thirty-two bytes.').toString('base64')}`;
const BODY = '{"contact":{"id":"42"},"message":{"id":"m-1","text":"مرحبا 🙏"}}';

type Headers = Record<string, string | undefined>;

/** Signed by the package of the specification's authors, as senders do. */
function signed({
	body = BODY,
	secret = SECRET,
	id = 'msg_1',
	at = NOW,
}: { body?: string; secret?: string; id?: string; at?: number } = {}) {
	return {
		'webhook-id': id,
		'webhook-timestamp': String(Math.floor(at / 1000)),
		'webhook-signature': new Webhook(secret).sign(id, new Date(at), body),
	};
}

const verifyWith = (signingSecret: unknown, headers: Headers, body = BODY) =>
	signedWebhook.verify(requestOf(body, headers), { signingSecret });
const verify = (headers: Headers) => verifyWith(SECRET, headers);
const refused = (reason: string) => ({
	ok: false,
	status: 401,
	reason: expect.stringContaining(reason),
});

describe('the signature of Standard Webhooks', () => {
	it('accepts what the libraries of the specification sign', () => {
		expect(verify(signed())).toEqual({ ok: true });
		expect(verifyWith(SECRET.slice('whsec_'.length), signed())).toEqual({ ok: true });
		expect(verifyWith(SECRET, signed({ body: '' }), '')).toEqual({ ok: true });
	});

	it('accepts one right signature among others', () => {
		const right = signed()['webhook-signature'];
		const wrong = signed({ secret: OTHER })['webhook-signature'];
		for (const list of [
			`${wrong} ${right}`,
			`v1a,AAAA v2,${right.slice(3)} ${right}`,
			`x  ${right} `,
		]) {
			expect(verify({ ...signed(), 'webhook-signature': list })).toEqual({ ok: true });
		}
		expect(verify({ ...signed(), 'webhook-signature': `${wrong} ${wrong}` }).ok).toBe(false);
	});

	it('accepts each of several secrets', () => {
		expect(verifyWith(`${OTHER},${SECRET}`, signed())).toEqual({ ok: true });
		expect(verifyWith(`${OTHER}\n${SECRET}`, signed({ secret: OTHER }))).toEqual({ ok: true });
		expect(verifyWith(`not base64!, ${SECRET}`, signed())).toEqual({ ok: true });
	});

	it('allows five minutes by the clock of the request, both ways, and no second more', () => {
		const seconds = 1000;
		for (const late of [-300, -299, 0, 299, 300]) {
			expect(verify(signed({ at: NOW + late * seconds }))).toEqual({ ok: true });
		}
		expect(verify(signed({ at: NOW - 301 * seconds }))).toEqual(refused('signed 301 seconds ago'));
		expect(verify(signed({ at: NOW + 301 * seconds }))).toEqual(
			refused('301 seconds in the future'),
		);
	});

	const good = signed()['webhook-signature'];
	it.each([
		['another body', { ...signed({ body: `${BODY} ` }) }],
		['another secret', { ...signed({ secret: OTHER }) }],
		['another id', { ...signed(), 'webhook-id': 'msg_2' }],
		['another second', { ...signed(), 'webhook-timestamp': String(NOW / 1000 + 1) }],
		['a version for key pairs', { ...signed(), 'webhook-signature': good.replace('v1', 'v1a') }],
		['no version', { ...signed(), 'webhook-signature': good.slice(3) }],
		['a cut signature', { ...signed(), 'webhook-signature': good.slice(0, 20) }],
		['no base64', { ...signed(), 'webhook-signature': 'v1,####' }],
	])('refuses %s', (_what, headers) => {
		expect(verify(headers)).toEqual(refused('No signature fits the body'));
	});

	it.each(['1.5', '-1', '', 'NaN', '1e9', '0x10', ' 1767268800', `${NOW / 1000} `])(
		'refuses the timestamp %j',
		(timestamp) => {
			expect(verify({ ...signed(), 'webhook-timestamp': timestamp }).ok).toBe(false);
		},
	);

	it('refuses an id with a full stop, whose signed text has two readings', () => {
		expect(verify(signed({ id: 'msg.1' }))).toEqual(refused('must not contain a full stop'));
	});

	it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])(
		'needs the header %s',
		(name) => {
			expect(verify({ ...signed(), [name]: undefined })).toEqual(refused('must all be there'));
		},
	);

	it.each([undefined, null, '', ' ', 'whsec_', 'not base64!', 0, {}])(
		'trusts nobody while the secret is %j',
		(secret) => {
			expect(verifyWith(secret, signed())).toEqual(refused('No usable Signing Secret'));
		},
	);
});

describe('the headers of Svix', () => {
	const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': list } = signed();
	const svix = { 'svix-id': id, 'svix-timestamp': timestamp, 'svix-signature': list };

	it('are those of Standard Webhooks by another name', () => {
		expect(verify(svix)).toEqual({ ok: true });
		expect(verify({ ...svix, 'svix-id': 'msg_2' })).toEqual(refused('No signature fits'));
	});

	it('are not mixed with them', () => {
		const mixed = { ...svix, 'svix-id': undefined, 'webhook-id': id };
		expect(verify(mixed)).toEqual(refused('svix-id, svix-timestamp and svix-signature'));
		// Where both are there, the specification's own names count.
		expect(verify({ ...svix, 'webhook-signature': 'v1,AAAA' })).toEqual(refused('must all be'));
	});
});

describe('the check of a signing secret', () => {
	const bytes = (count: number) => randomBytes(count).toString('base64');

	it('has nothing to say about good ones', () => {
		for (const secret of [SECRET, bytes(24), `whsec_${bytes(64)}`, `${SECRET}, ${OTHER}`]) {
			expect(signingSecretProblem({ signingSecret: secret })).toBeUndefined();
		}
	});

	it.each([
		[undefined, 'Enter the signing secret'],
		['', 'Enter the signing secret'],
		[5, 'Enter the signing secret'],
		['hello world', 'The signing secret is not base64'],
		[`whsec_${'A'.repeat(33)}`, 'The signing secret is not base64'],
		[`whsec_${bytes(23)}`, 'is 23 bytes long'],
		[`whsec_${bytes(65)}`, 'is 65 bytes long'],
		[`whpk_${bytes(32)}`, 'key pair'],
		[`whsk_${bytes(64)}`, 'key pair'],
		[`${SECRET},oops!`, 'Signing secret 2 is not base64'],
	])('says of %j what is wrong', (secret, sentence) => {
		expect(signingSecretProblem({ signingSecret: secret })).toContain(sentence);
	});

	it('does not repeat the secret', () => {
		expect(signingSecretProblem({ signingSecret: 'my secret word' })).not.toContain(
			'my secret word',
		);
	});
});

describe('Signed Webhook', () => {
	it('reads the same bodies as Plain Webhook, as a channel of its own', () => {
		const parsed = signedWebhook.parse(requestOf(BODY), { account: 'shop' });
		expect(parsed.messages).toMatchObject([
			{
				channel: 'signedWebhook',
				account: 'shop',
				id: 'm-1',
				text: 'مرحبا 🙏',
				contact: { identities: [{ channel: 'signedWebhook', account: 'shop', id: '42' }] },
			},
		]);
	});

	it('needs a secret that can be used', () => {
		for (const signingSecret of [undefined, '', 'not base64!']) {
			expect(signedWebhook.missingSettings({ signingSecret })).toEqual(['Signing Secret']);
		}
		expect(signedWebhook.missingSettings({ signingSecret: SECRET })).toEqual([]);
		expect(signedWebhook.missingSettings({ signingSecret: `oops!,${SECRET}` })).toEqual([]);
	});

	it('trusts nobody under a scheme that there is not', () => {
		const settings = { scheme: 'none', signingSecret: SECRET };
		expect(signedWebhook.missingSettings(settings)).toEqual(['Scheme']);
		expect(signingSecretProblem(settings)).toBe('Choose a scheme.');
		expect(signedWebhook.verify(requestOf(BODY, signed()), settings)).toEqual(
			refused('No Scheme is chosen'),
		);
	});

	it('answers a check of the address with its challenge, as plain text', () => {
		const challenge = (body: unknown) => signedWebhook.challenge?.(requestOf(body), {});
		const check = { token: 'x', challenge: '3eZbrw1a <b>', type: 'url_verification' };
		expect(challenge(check)).toEqual({
			status: 200,
			contentType: 'text/plain',
			body: '3eZbrw1a <b>',
		});
		for (const body of [
			BODY,
			'',
			'[]',
			'{',
			null,
			{ challenge: 'x' },
			{ ...check, type: 'event_callback' },
			{ ...check, challenge: 5 },
			[check],
			{ ...check, token: 'x'.repeat(10_000) },
		]) {
			expect(challenge(body)).toBeUndefined();
		}
	});
});
