import type { ChannelRequest, Verification } from '../channel';
import { bytesOfBase64, headerOf, hmac, refuse, sameBytes, secretsOf } from '../signatures';
import { timeProblem, TOLERANCE_SECONDS } from './time';

/**
 * The Standard Webhooks specification 1.0.0: HMAC-SHA256 over
 * `{webhook-id}.{webhook-timestamp}.{body}`. Svix, whose scheme became the specification, sends the
 * same three headers under its own name.
 */

/** "Random. At least 24 bytes (192 bits, 512 maximum)": Standard Webhooks, "Signature scheme". */
const SHORTEST_KEY = 24;
const LONGEST_KEY = 64;

/** The names that the three headers begin with. */
const FAMILIES = ['webhook', 'svix'];

/** The keys that can be used; none means that nobody can be trusted. */
export function standardKeys(setting: unknown): Buffer[] {
	return secretsOf(setting).flatMap((secret) => keyOf(secret) ?? []);
}

/** What is wrong with the secrets, in a sentence for the operator; undefined when all can be used. */
export function standardProblem(setting: unknown): string | undefined {
	const secrets = secretsOf(setting);
	for (const [index, secret] of secrets.entries()) {
		const which = secrets.length === 1 ? 'The signing secret' : `Signing secret ${index + 1}`;
		if (/^wh[sp]k_/.test(secret)) {
			return `${which} belongs to a key pair (whsk_, whpk_). Only shared secrets (whsec_) are supported: choose symmetric signatures at the sender.`;
		}
		const key = keyOf(secret);
		if (!key) {
			return `${which} is not base64. Copy it once more, with its start "whsec_". If the sender signs in another way, choose the scheme Custom HMAC.`;
		}
		if (key.length < SHORTEST_KEY || key.length > LONGEST_KEY) {
			return `${which} is ${key.length} bytes long. Standard Webhooks asks for ${SHORTEST_KEY} to ${LONGEST_KEY} random bytes, in base64.`;
		}
	}
	return undefined;
}

function keyOf(secret: string): Buffer | undefined {
	return bytesOfBase64(secret.replace(/^whsec_/, ''));
}

/**
 * Verified here rather than by the npm package `standardwebhooks`, because that one reads the clock
 * of the machine by itself (a replay of an old request could never be verified) and decodes the body
 * to text before it signs it, which changes bytes that are not UTF-8.
 */
export function verifyStandard(request: ChannelRequest, setting: unknown): Verification {
	const keys = standardKeys(setting);
	if (keys.length === 0) {
		return refuse(
			'No usable Signing Secret is set in the credential, so no message can be trusted.',
		);
	}
	// All three of one family: headers of two senders are not one signature.
	const family =
		FAMILIES.find((name) => headerOf(request, `${name}-signature`) !== undefined) ?? FAMILIES[0]!;
	const id = headerOf(request, `${family}-id`);
	const timestamp = headerOf(request, `${family}-timestamp`);
	const signatures = headerOf(request, `${family}-signature`);
	if (!id || !timestamp || !signatures) {
		return refuse(
			`The headers ${family}-id, ${family}-timestamp and ${family}-signature must all be there.`,
		);
	}
	// The specification forbids the full stop: the signed text would have two readings.
	if (id.includes('.')) return refuse(`The header ${family}-id must not contain a full stop.`);
	const name = `The header ${family}-timestamp`;
	const late = timeProblem(name, timestamp, request.now, TOLERANCE_SECONDS);
	if (late !== undefined) return refuse(late);

	const given = signatures.split(' ').flatMap((signature) => {
		const [version, value] = signature.split(',', 2);
		return version === 'v1' && value ? (bytesOfBase64(value) ?? []) : [];
	});
	const isSigned = keys.some((key) => {
		const expected = hmac('sha256', key, `${id}.${timestamp}.`, request.rawBody);
		return given.some((bytes) => sameBytes(bytes, expected));
	});
	return isSigned
		? { ok: true }
		: refuse(
				'No signature fits the body. Check that Signing Secret in the credential is the secret of this sender, and that the body arrives unchanged.',
			);
}
