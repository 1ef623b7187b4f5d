import type { ChannelRequest } from '../channel';
import { textOf } from '../fields';
import { derivedSecret, sameSecret } from '../signatures';

/**
 * Platforms do not tell the key that they sign with when an address is registered, or sign nothing.
 * So the registered address carries a token of its own: whoever knows it was told by the platform,
 * or read its settings there. It is derived from the API token, so that nothing is typed or stored.
 */
const PARAMETER = 'token';

/** Part of the derivation: another word here makes every registered address invalid. */
const LABEL = 'n8n-nodes-inbound-conversations webhook address';

/** Undefined where there is no API token to derive it from. */
export function addressToken(platform: string, apiToken: unknown): string | undefined {
	const secret = textOf(apiToken);
	return secret === undefined
		? undefined
		: derivedSecret(secret, `${LABEL} ${platform}`, 'base64url');
}

/** The address as it is registered; unchanged where there is no token. */
export function addressWithToken(url: string, token: string | undefined): string {
	return token === undefined ? url : `${url}${url.includes('?') ? '&' : '?'}${PARAMETER}=${token}`;
}

/** Whether the request was posted to the registered address. */
export function hasAddressToken(request: ChannelRequest, token: string | undefined): boolean {
	const given = request.query[PARAMETER];
	return token !== undefined && typeof given === 'string' && sameSecret(given, token);
}
