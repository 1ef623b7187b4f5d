import type { ChannelRequest, ChannelSettings, Verification } from '../channel';
import { addressToken, hasAddressToken } from '../platforms/token';
import { bytesOfHex, headerOf, hmac, refuse, sameBytes, secretsOf } from '../signatures';

/** The token in the address that we register. */
export const tokenOf = (settings: ChannelSettings) =>
	addressToken('chatwoot', settings.apiAccessToken);

/** What Chatwoot's documents advise against replays. */
const TOLERANCE_SECONDS = 5 * 60;

/**
 * A request is Chatwoot's by one of three proofs: the token in the address that the trigger
 * registered; the signature of newer versions, `X-Chatwoot-Signature: sha256=<hex>` over
 * `{X-Chatwoot-Timestamp}.{body}` with the secret of the webhook; or, only if the operator has
 * switched it on, none.
 */
export function verifyChatwoot(request: ChannelRequest, settings: ChannelSettings): Verification {
	if (hasAddressToken(request, tokenOf(settings))) return { ok: true };

	const secrets = secretsOf(settings.webhookSecret);
	const header = headerOf(request, 'x-chatwoot-signature')?.trim();
	if (header && secrets.length > 0) return verifySignature(request, header, secrets);

	if (settings.acceptUnsigned === true) return { ok: true };
	return refuse(
		header
			? 'The request is signed and no Webhook Secret is set in the credential. Copy it from the webhook in Chatwoot.'
			: 'The request has neither a signature nor the token of the registered address. Let the trigger register its address, or enter its Webhook Secret in the credential.',
	);
}

function verifySignature(request: ChannelRequest, header: string, secrets: string[]): Verification {
	const timestamp = headerOf(request, 'x-chatwoot-timestamp')?.trim() ?? '';
	if (!/^\d{1,12}$/.test(timestamp)) {
		return refuse('The header X-Chatwoot-Timestamp is missing or not a whole number of seconds.');
	}
	const age = Math.floor(request.now / 1000) - Number(timestamp);
	if (Math.abs(age) > TOLERANCE_SECONDS) {
		return refuse(
			`The request was signed ${Math.abs(age)} seconds ${age > 0 ? 'ago' : 'in the future'}; 5 minutes are allowed. Check the clocks of Chatwoot's machine and of this one.`,
		);
	}
	const given = header.startsWith('sha256=') ? bytesOfHex(header.slice(7)) : undefined;
	const fits = (secret: string) =>
		given !== undefined &&
		sameBytes(given, hmac('sha256', secret, `${timestamp}.`, request.rawBody));
	return secrets.some(fits)
		? { ok: true }
		: refuse(
				'The signature does not fit the body. Check that Webhook Secret in the credential is the secret of this webhook in Chatwoot.',
			);
}
