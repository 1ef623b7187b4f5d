import type { Channel, ChannelRequest, Verification } from './channel';
import { accountOf, parseGenericBody } from './genericBody';
import { bytesOfBase64, headerOf, hmac, sameBytes, secretsOf } from './signatures';

/**
 * The body of Plain Webhook, signed as the Standard Webhooks specification 1.0.0 says: HMAC-SHA256
 * over `{webhook-id}.{webhook-timestamp}.{body}`.
 *
 * Settings: `signingSecret` (several, separated by commas or new lines, while one is replaced) and
 * `account`, a name for the sending system (default `default`).
 */
export const signedWebhook: Channel = {
	key: 'signedWebhook',
	displayName: 'Signed Webhook',
	credentialType: 'conversationSignedWebhookApi',

	missingSettings: (settings) =>
		secretsOf(settings.signingSecret).length === 0 ? ['Signing Secret'] : [],

	accounts: (settings) => [accountOf(settings.account)],

	verify: (request, settings) => verifyStandardWebhook(request, settings.signingSecret),

	parse: (request, settings) =>
		parseGenericBody(request, 'signedWebhook', accountOf(settings.account)),
};

/** What the libraries of the specification allow for late and for fast clocks. */
const TOLERANCE_SECONDS = 5 * 60;

/** "Random. At least 24 bytes (192 bits, 512 maximum)": Standard Webhooks, "Signature scheme". */
const SHORTEST_KEY = 24;
const LONGEST_KEY = 64;

/**
 * Says what is wrong with a signing secret, in a sentence for the operator, or undefined when it can
 * be used. There is no remote side to ask, so this is all that a credential test can tell.
 */
export function signingSecretProblem(setting: unknown): string | undefined {
	const secrets = secretsOf(setting);
	if (secrets.length === 0)
		return 'Enter the signing secret that the sender shows for this webhook.';
	for (const [index, secret] of secrets.entries()) {
		const which = secrets.length === 1 ? 'The signing secret' : `Signing secret ${index + 1}`;
		if (/^wh[sp]k_/.test(secret)) {
			return `${which} belongs to a key pair (whsk_, whpk_). Only shared secrets (whsec_) are supported: choose symmetric signatures at the sender.`;
		}
		const key = keyOf(secret);
		if (!key) return `${which} is not base64. Copy it once more, with its start "whsec_".`;
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
function verifyStandardWebhook(request: ChannelRequest, setting: unknown): Verification {
	const keys = secretsOf(setting).flatMap((secret) => keyOf(secret) ?? []);
	if (keys.length === 0) {
		return refuse(
			'No usable Signing Secret is set in the credential, so no message can be trusted.',
		);
	}
	const id = headerOf(request, 'webhook-id');
	const timestamp = headerOf(request, 'webhook-timestamp');
	const signatures = headerOf(request, 'webhook-signature');
	if (!id || !timestamp || !signatures) {
		return refuse(
			'The headers webhook-id, webhook-timestamp and webhook-signature must all be there.',
		);
	}
	// The specification forbids the full stop: the signed text would have two readings.
	if (id.includes('.')) return refuse('The header webhook-id must not contain a full stop.');
	if (!/^\d{1,12}$/.test(timestamp)) {
		return refuse('The header webhook-timestamp is not a whole number of seconds.');
	}
	const age = Math.floor(request.now / 1000) - Number(timestamp);
	if (Math.abs(age) > TOLERANCE_SECONDS) {
		const clocks = 'Check the clocks of the sender and of this machine.';
		return refuse(
			age > 0
				? `The request was signed ${age} seconds ago; 5 minutes are allowed. ${clocks}`
				: `The request was signed ${-age} seconds in the future; 5 minutes are allowed. ${clocks}`,
		);
	}
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

function refuse(reason: string): Verification {
	return { ok: false, status: 401, reason };
}
