import type {
	Channel,
	ChannelRequest,
	ChannelSettings,
	ParsedBody,
	Verification,
} from '../channel';
import { exactObject } from '../exactJson';
import { idOf, wordOf } from '../fields';
import { headerOf, refuse, sameSecret } from '../signatures';
import { readButtonPress, readDeletions, readMembership, readReaction } from './acts';
import { botIdOf, tokenOf, webhookSecret } from './bot';
import { retryAfter } from './failures';
import { readBusiness, readEdited, readEditedBusiness, readMessage } from './message';
import type { Surroundings } from './place';
import { registration, UPDATES } from './registration';
import { sending } from './send';

/**
 * Telegram bots, as the Bot API 10.2 (July 2026) describes them.
 *
 * Settings: `botToken`, and `baseUrl` for a Bot API server of one's own. The account is the bot's
 * id, which stands in the token. The webhook registers itself, with a secret made from the token.
 */
export const telegram: Channel = {
	key: 'telegram',
	displayName: 'Telegram',
	credentialType: 'conversationTelegramApi',

	missingSettings: (settings) => (tokenOf(settings) === undefined ? ['Bot Token'] : []),

	accounts(settings) {
		const bot = botIdOf(settings);
		return bot === undefined ? [] : [bot];
	},

	verify: verifySecret,
	parse: parseUpdate,
	sending,
	registration,
	retryAfter,
};

const SECRET_HEADER = 'X-Telegram-Bot-Api-Secret-Token';

/** Telegram answers a 403 by delivering the update again later: nothing is lost by a mistake. */
const FORBIDDEN = 403;

function verifySecret(request: ChannelRequest, settings: ChannelSettings): Verification {
	const token = tokenOf(settings);
	if (token === undefined) {
		return refuse('No Bot Token is set in the credential, so no update can be checked.', FORBIDDEN);
	}
	const given = headerOf(request, SECRET_HEADER);
	if (given === undefined) {
		return refuse(
			`The request has no ${SECRET_HEADER} header. It does not come from Telegram, or another program registered this address there: publish the workflow again.`,
			FORBIDDEN,
		);
	}
	if (!sameSecret(given, webhookSecret(token))) {
		return refuse(
			`The ${SECRET_HEADER} header is not that of this bot. If the Bot Token was replaced, publish the workflow again.`,
			FORBIDDEN,
		);
	}
	return { ok: true };
}

type Part = ReturnType<typeof readDeletions> | ReturnType<typeof readMembership>;

/** How each kind of update is read; all that are not here bring no messages of contacts. */
const READERS: Record<(typeof UPDATES)[number], (element: unknown, around: Surroundings) => Part> =
	{
		message: readMessage,
		edited_message: readEdited,
		business_message: readBusiness,
		edited_business_message: readEditedBusiness,
		deleted_business_messages: readDeletions,
		callback_query: readButtonPress,
		message_reaction: readReaction,
		my_chat_member: readMembership,
	};

const KNOWN = new Set<string>(UPDATES);

/** One body is one update, and an update has one part besides its number; whatever is there is read. */
function parseUpdate(request: ChannelRequest, settings: ChannelSettings): ParsedBody {
	const found: ParsedBody = { messages: [], notices: [], ignored: [], malformed: [] };
	const update = exactObject(request.rawBody);
	if (!update) return { ...found, unreadable: 'The body is not a JSON object.' };
	const updateId = idOf(update.update_id);
	if (updateId === undefined) {
		return {
			...found,
			unreadable: 'The body has no "update_id": this URL takes updates of Telegram only.',
		};
	}
	// Without a token nothing is verified, so nothing is received for the account that stands in here.
	const around = { account: botIdOf(settings) ?? 'default', updateId, now: request.now };

	for (const kind of UPDATES) {
		const element = update[kind];
		if (element === undefined || element === null) continue;
		for (const part of [READERS[kind](element, around)].flat()) {
			if ('message' in part) found.messages.push(part.message);
			else if ('notice' in part) found.notices?.push(part.notice);
			else if ('ignored' in part) found.ignored.push({ reason: `${kind} ${part.ignored}.` });
			else found.malformed.push({ reason: `${kind} ${part.malformed}.` });
		}
	}
	const others = Object.keys(update).filter((key) => key !== 'update_id' && !KNOWN.has(key));
	if (others.length > 0) {
		const reason = `The update "${wordOf(others[0])}" brings no messages of contacts.`;
		found.ignored.push({ reason });
	} else if (Object.keys(update).length === 1) {
		found.ignored.push({ reason: 'The update is empty.' });
	}
	return found;
}
