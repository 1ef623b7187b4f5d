import type { Channel, ChannelRequest, ParsedBody, Verification } from '../channel';
import { exactObject } from '../exactJson';
import { textOf } from '../fields';
import { bytesOfHex, headerOf, hmac, refuse, sameBytes } from '../signatures';
import { accountOf } from './account';
import { readEvent } from './events';
import { registration } from './registration';
import { sending } from './send';

/**
 * Viber bots, as "Viber REST API" describes them (7.3).
 *
 * Settings: `authToken`, which Viber signs with as well, and for sending `senderName`; optional
 * `account` and `baseUrl`. One body is one event.
 */
export const viber: Channel = {
	key: 'viber',
	displayName: 'Viber',
	credentialType: 'conversationViberApi',

	missingSettings(settings) {
		return textOf(settings.authToken) === undefined ? ['Auth Token'] : [];
	},

	accounts(settings) {
		return textOf(settings.authToken) === undefined ? [] : [accountOf(settings)];
	},

	verify: (request, settings) => verifySignature(request, settings.authToken),

	parse(request, settings) {
		return parseBody(request, accountOf(settings));
	},

	// Viber takes a body in the answer to `conversation_started` for a welcome message.
	answer: { status: 200, contentType: 'text/plain', body: '' },

	sending,
	registration,
};

/**
 * Checks `X-Viber-Content-Signature`, the HMAC-SHA256 of the body under the authentication token, in
 * hexadecimal (Viber REST API, "Callbacks").
 */
function verifySignature(request: ChannelRequest, authToken: unknown): Verification {
	const token = textOf(authToken);
	if (token === undefined) {
		return refuse('No Auth Token is set in the credential, so no message can be trusted.');
	}
	const header = headerOf(request, 'x-viber-content-signature')?.trim();
	if (!header) {
		return refuse(
			'The request has no X-Viber-Content-Signature header: Viber did not send it, or a proxy took it away.',
		);
	}
	const given = bytesOfHex(header);
	if (given && sameBytes(given, hmac('sha256', token, request.rawBody))) return { ok: true };
	return refuse(
		'The signature does not fit the body. Check that Auth Token in the credential is the token of the Viber bot that sends to this URL.',
	);
}

function parseBody(request: ChannelRequest, account: string): ParsedBody {
	const found: ParsedBody = { messages: [], notices: [], ignored: [], malformed: [] };
	// Exact: a `message_token` is beyond 2^53, and rounded ones of two messages are the same.
	const body = exactObject(request.rawBody);
	if (!body) return { ...found, unreadable: 'The body is not a JSON object.' };
	if (textOf(body.event) === undefined) {
		return { ...found, unreadable: 'The body names no "event": Viber did not write it.' };
	}
	const outcome = readEvent(body, { account, now: request.now });
	if ('message' in outcome) found.messages.push(outcome.message);
	if ('notice' in outcome && outcome.notice) found.notices?.push(outcome.notice);
	if ('ignored' in outcome) found.ignored.push({ reason: `The body ${outcome.ignored}.` });
	if ('malformed' in outcome) found.malformed.push({ reason: `The body ${outcome.malformed}.` });
	return found;
}
