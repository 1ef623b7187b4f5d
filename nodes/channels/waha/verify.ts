import type { ChannelRequest, ChannelSettings, Verification } from '../channel';
import { textOf } from '../fields';
import { bytesOfHex, headerOf, hmac, refuse, sameBytes, secretsOf } from '../signatures';
import { webhookSecretOf } from '../whatsappWeb/values';

/** Another label gives another key: every registered webhook would be refused. */
const LABEL = 'n8n-nodes-inbound-conversations/waha/webhook';

/** The key that our registration sets; the operator's own where there is no API key to derive it from. */
export const registeredKey = (settings: ChannelSettings): string | undefined =>
	webhookSecretOf(settings.apiKey, LABEL) ?? secretsOf(settings.hmacSecret)[0];

/** All keys that a signature may be made with. */
export function keysOf(settings: ChannelSettings): string[] {
	const registered = registeredKey(settings);
	return [...secretsOf(settings.hmacSecret), ...(registered === undefined ? [] : [registered])];
}

/**
 * Checks `X-Webhook-Hmac`, the HMAC-SHA512 of the body in hex (WAHA, "Events: HMAC authentication").
 * `X-Webhook-Timestamp` is not part of it, so it proves nothing and is not looked at: a repeated
 * body is known by its message.
 */
export function verifyWaha(request: ChannelRequest, settings: ChannelSettings): Verification {
	const keys = keysOf(settings);
	if (keys.length === 0) {
		return refuse(
			textOf(settings.apiKey) === undefined
				? 'The credential has neither an HMAC Key nor an API Key, so no message can be trusted.'
				: 'The API Key in the credential is too easy to guess (under 16 characters), so no message can be trusted by it. Give WAHA a longer one, or enter an HMAC Key.',
		);
	}
	const header = headerOf(request, 'x-webhook-hmac')?.trim();
	if (!header) {
		return refuse(
			'The request is not signed: the webhook in WAHA has no HMAC key, or a proxy took the header X-Webhook-Hmac away.',
		);
	}
	const algorithm = headerOf(request, 'x-webhook-hmac-algorithm')?.trim().toLowerCase();
	if (algorithm !== 'sha512') {
		return refuse('The header X-Webhook-Hmac-Algorithm does not say sha512.');
	}
	const given = bytesOfHex(header);
	const fits = (key: string) =>
		given !== undefined && sameBytes(given, hmac('sha512', key, request.rawBody));
	if (keys.some(fits)) return { ok: true };
	return refuse(
		'The signature does not fit the body. Check that the HMAC key of the webhook in WAHA is the HMAC Key in the credential, or publish the workflow again, so that the webhook is registered anew.',
	);
}
