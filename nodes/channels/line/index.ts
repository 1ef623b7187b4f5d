import type { Channel, ChannelRequest, ParsedBody, Verification } from '../channel';
import { exactObject } from '../exactJson';
import { textOf } from '../fields';
import { bytesOfBase64, headerOf, hmac, refuse, sameBytes, secretsOf } from '../signatures';
import { elementsOf } from '../skipped';
import { retryAfter } from './api';
import { readEvent } from './events';
import { registration } from './registration';
import { sending } from './send';

/** Bodies from before 2022 have no `destination`, and may be replayed. */
const UNNAMED_ACCOUNT = 'default';

/**
 * LINE Official Accounts, as LINE's "Messaging API reference" and its `webhook.yml` describe them
 * (2026).
 *
 * Settings: `channelSecret` (several, separated by commas or new lines, while one is replaced) and
 * `channelAccessToken`; optional `botUserId`, `videoPreviewUrl` and `baseUrl`. One request carries
 * events of many users; the account is the user ID of the bot that they wrote to (`destination`).
 */
export const line: Channel = {
	key: 'line',
	displayName: 'LINE',
	credentialType: 'conversationLineApi',

	missingSettings(settings) {
		return secretsOf(settings.channelSecret).length === 0 ? ['Channel Secret'] : [];
	},

	accounts(settings) {
		const bot = textOf(settings.botUserId);
		return bot === undefined ? [] : [bot];
	},

	verify: (request, settings) => verifySignature(request, settings.channelSecret),

	parse: parseBody,

	sending,
	registration,
	retryAfter,
};

/**
 * Checks `X-Line-Signature`, the base64 of the HMAC-SHA256 of the body under the channel secret
 * (Messaging API, "Verify webhook signature"). LINE signs UTF-8 as it sends it.
 */
function verifySignature(request: ChannelRequest, channelSecret: unknown): Verification {
	const secrets = secretsOf(channelSecret);
	if (secrets.length === 0) {
		return refuse('No Channel Secret is set in the credential, so no message can be trusted.');
	}
	const header = headerOf(request, 'x-line-signature')?.trim();
	if (!header) {
		return refuse(
			'The request has no X-Line-Signature header: LINE did not send it, or a proxy took it away.',
		);
	}
	const given = bytesOfBase64(header);
	if (
		given &&
		secrets.some((secret) => sameBytes(given, hmac('sha256', secret, request.rawBody)))
	) {
		return { ok: true };
	}
	return refuse(
		'The signature does not fit the body. Check that Channel Secret in the credential is the secret of the LINE channel that sends to this URL.',
	);
}

function parseBody(request: ChannelRequest): ParsedBody {
	const found: ParsedBody = { messages: [], notices: [], ignored: [], malformed: [] };
	const body = exactObject(request.rawBody);
	if (!body) return { ...found, unreadable: 'The body is not a JSON object.' };
	if (!Array.isArray(body.events)) {
		return { ...found, unreadable: 'The body has no list "events": LINE did not write it.' };
	}
	if (body.events.length === 0) {
		found.ignored.push({ reason: 'The list "events" is empty: LINE checks the address.' });
	}
	const around = { account: textOf(body.destination) ?? UNNAMED_ACCOUNT, now: request.now };
	elementsOf(body.events, 'events', found).forEach((event, index) => {
		const outcome = readEvent(event, around);
		if ('message' in outcome) found.messages.push(outcome.message);
		if ('notice' in outcome && outcome.notice) found.notices?.push(outcome.notice);
		if ('ignored' in outcome) {
			found.ignored.push({ reason: `events[${index}] ${outcome.ignored}.` });
		}
		if ('malformed' in outcome) {
			found.malformed.push({ reason: `events[${index}] ${outcome.malformed}.` });
		}
	});
	return found;
}
