import type { ChannelRequest, ChannelSettings, Verification } from '../channel';
import { addressToken, hasAddressToken } from '../platforms/token';
import { bytesOfBase64, headerOf, hmac, refuse, sameBytes, secretsOf } from '../signatures';

/** The token in the address that we register. */
export const tokenOf = (settings: ChannelSettings) =>
	addressToken('respondio', settings.apiAccessToken);

/**
 * A request is respond.io's by one of two proofs: the token in the address that the trigger
 * registered; or `X-Webhook-Signature`, the HMAC-SHA256 of the body in base64, with the signing key
 * of a webhook that was added by hand. Each of those has a key of its own.
 */
export function verifyRespondIo(request: ChannelRequest, settings: ChannelSettings): Verification {
	if (hasAddressToken(request, tokenOf(settings))) return { ok: true };

	const header = headerOf(request, 'x-webhook-signature')?.trim();
	if (!header) {
		return refuse(
			'The request has neither a signature nor the token of the registered address: respond.io did not send it, or a proxy took something away.',
		);
	}
	const keys = secretsOf(settings.signingSecret);
	if (keys.length === 0) {
		return refuse(
			'The request is signed and no Signing Key is set in the credential. Copy the key of each webhook from respond.io: Settings, Integrations, Webhooks.',
		);
	}
	const given = bytesOfBase64(header);
	const fits = (key: string) =>
		given !== undefined && sameBytes(given, hmac('sha256', key, request.rawBody));
	return keys.some(fits)
		? { ok: true }
		: refuse(
				'The signature does not fit the body. Check that Signing Key in the credential holds the key of this webhook: each webhook has one of its own.',
			);
}
