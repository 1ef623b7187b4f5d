import type { Channel, ChannelRequest, HandshakeAnswer, Verification } from '../channel';
import { textOf } from '../fields';
import {
	bytesOfHex,
	headerOf,
	hmac,
	refuse,
	sameBytes,
	sameSecret,
	secretsOf,
} from '../signatures';

/**
 * What all webhooks of Meta's Graph API share: the GET request that proves to Meta who owns the URL,
 * the signature that proves to us that Meta sent the body, and the settings for both, `verifyToken`
 * and `appSecret`.
 *
 * @param accountSetting the setting that names the account of the credential
 */
export function metaWebhook(
	accountSetting: string,
): Required<Pick<Channel, 'missingSettings' | 'accounts' | 'handshake' | 'verify'>> {
	return {
		missingSettings(settings) {
			const missing: string[] = [];
			if (secretsOf(settings.appSecret).length === 0) missing.push('App Secret');
			if (textOf(settings.verifyToken) === undefined) missing.push('Verify Token');
			return missing;
		},

		accounts(settings) {
			const account = textOf(settings[accountSetting]);
			return account === undefined ? [] : [account];
		},

		handshake: (request, settings) => answerMetaHandshake(request, settings.verifyToken),

		verify: (request, settings) => verifyMetaSignature(request, settings.appSecret),
	};
}

/**
 * Answers `GET ?hub.mode=subscribe&hub.verify_token=…&hub.challenge=…` with the challenge, if the
 * token is the one the operator also typed in at Meta (Graph API, "Webhooks: Getting Started").
 * As text/plain, since what is echoed comes from outside.
 */
function answerMetaHandshake(request: ChannelRequest, verifyToken: unknown): HandshakeAnswer {
	const token = request.query['hub.verify_token'];
	const challenge = request.query['hub.challenge'];
	if (request.query['hub.mode'] !== 'subscribe' || typeof challenge !== 'string') {
		return refusal('This URL expects the webhook check of Meta: hub.mode and hub.challenge.');
	}
	if (typeof verifyToken !== 'string' || verifyToken.trim() === '') {
		return refusal('No Verify Token is set in the credential.');
	}
	if (typeof token !== 'string' || !sameSecret(token.trim(), verifyToken.trim())) {
		return refusal('The verify token is not the one in the credential.');
	}
	return { status: 200, contentType: 'text/plain', body: challenge };
}

function refusal(body: string): HandshakeAnswer {
	return { status: 403, contentType: 'text/plain', body };
}

/** Bytes of an HMAC-SHA256. */
const SIGNATURE_LENGTH = 32;

/** Meta's bodies have up to 3 MB; the second chance costs anybody's body several times its size. */
const LARGEST_DECODED = 3_000_000;

/**
 * Checks `X-Hub-Signature-256: sha256=<hex>`, the HMAC-SHA256 of the body under the app secret
 * (Graph API, "Webhooks: Validate payloads"). The older SHA-1 header is not looked at.
 *
 * Meta signs JSON in which everything beyond ASCII is written as `\uXXXX`. A proxy on the way may
 * have decoded that, so a body with such characters gets a second chance in the form Meta signs.
 */
function verifyMetaSignature(request: ChannelRequest, appSecret: unknown): Verification {
	const secrets = secretsOf(appSecret);
	if (secrets.length === 0) {
		return refuse('No App Secret is set in the credential, so no message can be trusted.');
	}
	const header = headerOf(request, 'x-hub-signature-256')?.trim();
	if (!header) {
		return refuse(
			'The request has no X-Hub-Signature-256 header: Meta did not send it, or a proxy took it away.',
		);
	}
	const given = header.startsWith('sha256=') ? bytesOfHex(header.slice(7)) : undefined;
	// Of another length it is no signature, whoever asks; then nothing is computed.
	if (given?.length === SIGNATURE_LENGTH) {
		const signedBy = (body: Buffer | string) => (secret: string) =>
			sameBytes(given, hmac('sha256', secret, body));
		if (secrets.some(signedBy(request.rawBody))) return { ok: true };

		if (request.rawBody.length <= LARGEST_DECODED) {
			const text = request.rawBody.toString('utf8');
			const escaped = escapeUnicode(text);
			if (escaped !== text && secrets.some(signedBy(escaped))) return { ok: true };
		}
	}
	return refuse(
		'The signature does not fit the body. Check that App Secret in the credential is the secret of the Meta app that sends to this URL.',
	);
}

/** The form Meta signs: UTF-16 units beyond ASCII as `\u` and four lower-case hex digits. */
function escapeUnicode(text: string): string {
	return text.replace(
		/[\u0080-\uffff]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}
