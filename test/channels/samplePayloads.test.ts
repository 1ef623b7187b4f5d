import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { signedWebhook } from '../../nodes/channels/signedWebhook';
import { whatsapp } from '../../nodes/channels/whatsapp';
import { expectSoundness, requestOf } from './requests';
import { opens, placeholders } from './samples/whatsapp';

/**
 * A collection of bodies and signatures from official documents and the tests of other products. It
 * is not part of the repository, so these tests run only where it lies beside it.
 */
const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads');

interface Vector {
	channel: string;
	name: string;
	secret: string;
	raw: string;
	value: string;
	id?: string;
	timestamp?: string;
}

/**
 * Signatures that were published with their secrets: GitHub's "Validating webhook deliveries", whose
 * scheme is that of Meta, and the tests of the JavaScript library of Standard Webhooks.
 */
const PUBLISHED = JSON.parse(
	readFileSync(path.join(__dirname, 'fixtures', 'signatures.json'), 'utf8'),
) as Vector[];

function describeSignatures(title: string, vectors: Vector[]) {
	const of = (channel: string) => vectors.filter((vector) => vector.channel === channel);

	describe(title, () => {
		it.each(of('meta'))('Meta: $name', ({ secret, raw, value }) => {
			const verify = (body: string, appSecret = secret) =>
				whatsapp.verify(requestOf(body, { 'x-hub-signature-256': value }), { appSecret }).ok;
			expect(verify(raw)).toBe(true);
			expect(verify(`${raw} `)).toBe(false);
			expect(verify(raw, `${secret}x`)).toBe(false);
		});

		it.each(of('standardwebhooks'))(
			'Standard Webhooks: $name',
			({ secret, raw, value, id, timestamp }) => {
				const headers = {
					'webhook-id': id,
					'webhook-timestamp': timestamp,
					'webhook-signature': value,
				};
				const verify = (body: string, later = 0) => {
					const request = requestOf(body, headers);
					const now = (Number(timestamp) + later) * 1000;
					return signedWebhook.verify({ ...request, now }, { signingSecret: secret }).ok;
				};
				expect(verify(raw)).toBe(true);
				expect(verify(raw, 301)).toBe(false);
				expect(verify(`${raw} `)).toBe(false);
			},
		);
	});
}

describeSignatures('published signatures', PUBLISHED);

if (existsSync(SAMPLES)) {
	const read = (...file: string[]) => readFileSync(path.join(SAMPLES, ...file), 'utf8');

	describe('sample bodies of WhatsApp', () => {
		const files = readdirSync(path.join(SAMPLES, 'whatsapp'));

		it('are all known', () => {
			expect(files.sort()).toEqual(Object.keys(opens).sort());
		});

		it.each(files)('%s', (file) => {
			const parsed = whatsapp.parse(requestOf(read('whatsapp', file)), {});
			expectSoundness(parsed);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.malformed).toHaveLength(placeholders.has(file) ? 1 : 0);
			const opening = parsed.messages.filter(({ kind, group }) => kind === 'message' && !group);
			expect(new Set(opening.map(({ account, id }) => `${account} ${id}`)).size).toBe(opens[file]);
		});
	});

	const vectors = JSON.parse(read('signature_vectors.json')) as Vector[];
	describeSignatures('sample signatures', vectors);

	it('has sample signatures of both schemes', () => {
		for (const { channel } of PUBLISHED) {
			expect(vectors.filter((vector) => vector.channel === channel)).not.toEqual([]);
		}
	});
}
