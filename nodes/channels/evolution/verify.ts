import type { ChannelRequest, ChannelSettings, Verification } from '../channel';
import { exactObject } from '../exactJson';
import { textOf, type Fields } from '../fields';
import {
	bytesOfBase64,
	headerOf,
	hmac,
	refuse,
	sameBytes,
	sameSecret,
	secretsOf,
} from '../signatures';
import { strongKeyOf, webhookSecretOf } from '../whatsappWeb/values';

/** The header that our registration sets, and that an operator may set with a secret of his own. */
export const SECRET_HEADER = 'x-webhook-secret';

/** The key in the registered address, for versions that know no headers. */
export const TOKEN = 'token';

/** Another label gives other secrets: every registered webhook would be refused. */
const LABEL = 'n8n-nodes-inbound-conversations/evolution/webhook';

/** What our registration proves itself by; the operator's own where there is no API key to derive it from. */
export const registeredSecret = (settings: ChannelSettings): string | undefined =>
	webhookSecretOf(settings.apiKey, LABEL) ?? secretsOf(settings.webhookSecret)[0];

/**
 * How long a token counts after its end, in seconds. Evolution makes it once, for 10 minutes, and
 * then tries for some 20 minutes more (30 with its time limit for each try) with the same token;
 * and it takes a 401 as final. (Evolution API 2.3, `webhook.controller.ts`.)
 */
const LEEWAY = 30 * 60;

/**
 * Evolution signs nothing, so a request proves itself by something that only the server knows: a
 * header (2.1.1 and later), a token that it signs (2.3.0 and later), the token of the registered
 * address, or, with version 1 and with its global webhook, by the API key that it writes into the
 * body. Any of them is enough.
 */
export function verifyEvolution(request: ChannelRequest, settings: ChannelSettings): Verification {
	const registered = registeredSecret(settings);
	const secrets = [...secretsOf(settings.webhookSecret), ...(registered ? [registered] : [])];
	const jwtKeys = secretsOf(settings.jwtSecret);
	if (secrets.length === 0 && jwtKeys.length === 0) {
		return refuse(
			textOf(settings.apiKey) === undefined
				? 'The credential has no API Key, no Webhook Secret and no JWT Key, so no message can be trusted.'
				: "The API Key in the credential is too easy to guess (under 16 characters, or the one of Evolution API's examples), so no message can be trusted by it. Give the instance a longer one, or enter a Webhook Secret.",
		);
	}
	const isSecret = (given: string) =>
		secrets.filter((secret) => sameSecret(given, secret)).length > 0;

	const header = headerOf(request, SECRET_HEADER)?.trim();
	if (header && isSecret(header)) return { ok: true };

	const token = request.query[TOKEN];
	if (typeof token === 'string' && isSecret(token)) return { ok: true };

	const bearer = /^Bearer\s+(\S+)$/i.exec(headerOf(request, 'authorization')?.trim() ?? '')?.[1];
	const problem = bearer === undefined ? undefined : tokenProblem(bearer, jwtKeys, request.now);
	if (bearer !== undefined && problem === undefined) return { ok: true };

	const apiKey = strongKeyOf(settings.apiKey);
	const stated = textOf(exactObject(request.rawBody)?.apikey);
	if (apiKey !== undefined && stated !== undefined && sameSecret(stated, apiKey)) {
		return { ok: true };
	}
	return refuse(reasonOf({ header, token, problem, stated }));
}

function reasonOf(found: {
	header: unknown;
	token: unknown;
	problem: string | undefined;
	stated: unknown;
}): string {
	if (found.header) {
		return `The header ${SECRET_HEADER} is not the one that the credential expects. Publish the workflow again, or enter the same Webhook Secret on both sides.`;
	}
	if (found.problem !== undefined) return found.problem;
	if (found.token !== undefined) {
		return 'The token in the address does not fit the API Key in the credential. Publish the workflow again, so that the webhook is registered anew.';
	}
	if (found.stated !== undefined) {
		return 'The apikey in the body is not the API Key in the credential.';
	}
	return `Nothing in the request proves that Evolution API sent it: no header ${SECRET_HEADER}, no JWT, no token in the address, no apikey in the body.`;
}

/** Why a JSON Web Token (RFC 7519) does not count; undefined where it does. */
function tokenProblem(token: string, keys: string[], now: number): string | undefined {
	if (keys.length === 0) return 'The request has a JWT, but no JWT Key is set in the credential.';
	const [head = '', claims = '', signature = '', ...more] = token.split('.');
	const given = bytesOfBase64(signature.replace(/-/g, '+').replace(/_/g, '/'));
	// The algorithm is ours to choose: a token that chooses its own could choose none.
	if (more.length > 0 || jsonOf(head)?.alg !== 'HS256' || !given) {
		return 'The JWT is not one that is signed with HS256.';
	}
	const signed = `${head}.${claims}`;
	if (keys.filter((key) => sameBytes(given, hmac('sha256', key, signed))).length === 0) {
		return 'The JWT was signed with another key than the JWT Key in the credential.';
	}
	const { app, exp, iat } = jsonOf(claims) ?? {};
	if (app !== 'evolution') return 'The JWT was not made by Evolution API for a webhook.';
	const seconds = now / 1000;
	if (typeof exp !== 'number' || exp + LEEWAY < seconds) {
		return 'The JWT ended over half an hour ago. Check the clocks of both servers.';
	}
	if (typeof iat === 'number' && iat - LEEWAY > seconds) {
		return 'The JWT is from the future. Check the clocks of both servers.';
	}
	return undefined;
}

function jsonOf(part: string): Fields | undefined {
	const bytes = bytesOfBase64(part.replace(/-/g, '+').replace(/_/g, '/'));
	return bytes && exactObject(bytes);
}
