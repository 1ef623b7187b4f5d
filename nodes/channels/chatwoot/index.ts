import type {
	Channel,
	ChannelRequest,
	ChannelSettings,
	InboundMessage,
	ParsedBody,
} from '../channel';
import { exactObject } from '../exactJson';
import { fieldsOf, idOf, listOf, textOf, wordOf, type Fields } from '../fields';
import { withoutSecrets } from '../platforms/raw';
import { headerOf, secretsOf } from '../signatures';
import { elementsOf } from '../skipped';
import { readAnswer, readDeletion, readNewMessage, type Around, type Outcome } from './message';
import { readMessageStatus, readStatusChange, readUpdate, type NoticeOutcome } from './notices';
import { placeOf } from './place';
import { platform } from './platform';
import { registration } from './registration';
import { sending } from './send';
import { verifyChatwoot } from './verify';

/**
 * Chatwoot, as its webhooks of accounts, API inboxes and agent bots tell what happens ("Webhook
 * events", and the serializers of its models, 2026).
 *
 * Settings: `baseUrl`, `apiAccessToken`, `accountId`, `ownAgentId`, `webhookSecret` (several, separated by commas
 * or new lines, while one is replaced) and `acceptUnsigned`.
 */
export const chatwoot: Channel = {
	key: 'chatwoot',
	displayName: 'Chatwoot',
	credentialType: 'conversationChatwootApi',

	missingSettings(settings) {
		const isProvable =
			textOf(settings.apiAccessToken) !== undefined ||
			secretsOf(settings.webhookSecret).length > 0 ||
			settings.acceptUnsigned === true;
		return isProvable ? [] : ['API Access Token'];
	},

	// An account has many inboxes, and each message names its own.
	accounts: () => [],

	verify: verifyChatwoot,

	parse: parseBody,

	sending,
	registration,
	platform,
};

type Found = ParsedBody & Required<Pick<ParsedBody, 'notices'>>;

function parseBody(request: ChannelRequest, settings: ChannelSettings): ParsedBody {
	const found: Found = { messages: [], notices: [], ignored: [], malformed: [] };
	const body = exactObject(request.rawBody);
	if (!body) return { ...found, unreadable: 'The body is not a JSON object.' };
	if (typeof body.event !== 'string') {
		return { ...found, unreadable: 'The body has no "event": Chatwoot did not send it.' };
	}
	const around: Around = {
		body,
		conversation: fieldsOf(body.conversation),
		ownAccount: settings.accountId,
		baseUrl: settings.baseUrl,
		ownAgent: settings.ownAgentId,
		now: request.now,
	};
	switch (body.event) {
		case 'message_created':
			note('message_created', readNewMessage(body, around), found);
			break;
		case 'message_updated':
			readUpdatedMessage(body, around, found);
			break;
		case 'conversation_created':
			readCreatedConversation(body, around, found);
			break;
		case 'conversation_status_changed':
			noteNotices(body.event, readStatusChange(body, around), found);
			break;
		case 'conversation_updated':
			noteNotices(body.event, readUpdate(body, around), found);
			break;
		case 'webwidget_triggered':
			note(body.event, readVisit(request, around), found);
			break;
		default:
			found.ignored.push({
				reason: `The event "${wordOf(body.event)}" brings no messages of contacts.`,
			});
	}
	return found;
}

function readUpdatedMessage(body: Fields, around: Around, found: Found): void {
	const event = 'message_updated';
	if (body.private === true) {
		note(event, { ignored: 'is a private note' }, found);
	} else if (fieldsOf(body.content_attributes)?.deleted === true) {
		note(event, readDeletion(body, around), found);
	} else {
		const answer = readAnswer(body, around);
		if (answer) note(event, answer, found);
		else noteNotices(event, readMessageStatus(body, around), found);
	}
}

/**
 * The conversation stands at the root, with its newest message in a list. `message_created` brings
 * the same message under the same ID; each of both events may be the one that arrives.
 */
function readCreatedConversation(body: Fields, around: Around, found: Found): void {
	const messages = listOf(body.messages);
	if (messages.length === 0) {
		note('conversation_created', { ignored: 'holds no message yet' }, found);
	}
	elementsOf(messages, 'conversation_created.messages', found).forEach((element, index) => {
		const where = `conversation_created.messages[${index}]`;
		const message = fieldsOf(element);
		if (!message) {
			note(where, { malformed: 'is not an object' }, found);
			return;
		}
		const inside = { ...around, conversation: body };
		note(where, readAnswer(message, inside) ?? readNewMessage(message, inside), found);
	});
}

/** Somebody opened the chat window of the web widget. */
function readVisit(request: ChannelRequest, { body, ownAccount, baseUrl, now }: Around): Outcome {
	const place = placeOf({
		body: { ...body, contact_inbox: { contact_id: fieldsOf(body.contact)?.id } },
		conversation: fieldsOf(body.current_conversation),
		writer: fieldsOf(body.contact),
		ownAccount,
		baseUrl,
	});
	if ('missing' in place) return { malformed: place.missing };
	const door = idOf(body.id) ?? place.contact.identities[0]?.id;
	const message: InboundMessage = {
		kind: 'visit',
		channel: 'chatwoot',
		account: place.account,
		id: `visit:${headerOf(request, 'x-chatwoot-delivery') ?? `${door}:${now}`}`,
		source: 'contact',
		contact: place.contact,
		type: 'unsupported',
		text: '[visit]',
		attachments: [],
		sentAt: now,
		occasion: 'visit',
		raw: withoutSecrets(body),
	};
	return { message };
}

function note(where: string, outcome: Outcome, found: Found): void {
	if ('message' in outcome) found.messages.push(outcome.message);
	else if ('ignored' in outcome) found.ignored.push({ reason: `${where}: ${outcome.ignored}.` });
	else found.malformed.push({ reason: `${where}: ${outcome.malformed}.` });
}

function noteNotices(
	where: string,
	outcome: NoticeOutcome<Found['notices'][number]>,
	found: Found,
): void {
	if ('notices' in outcome) found.notices.push(...outcome.notices);
	else if ('ignored' in outcome) found.ignored.push({ reason: `${where}: ${outcome.ignored}.` });
	else found.malformed.push({ reason: `${where}: ${outcome.malformed}.` });
}
