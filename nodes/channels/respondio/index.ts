import type { Channel, ChannelRequest, ParsedBody } from '../channel';
import { exactObject } from '../exactJson';
import { textOf, wordOf, type Fields } from '../fields';
import { secretsOf } from '../signatures';
import { readMessage, readOpened, statusOf, type Outcome } from './message';
import { readAssignee, readClosed, type NoticeOutcome } from './notices';
import { platform } from './platform';
import { registration } from './registration';
import { sending } from './send';
import { verifyRespondIo } from './verify';

/**
 * respond.io: one inbox over the channels of a workspace, as its webhooks tell what happens
 * ("Webhooks" in its help centre, and its nodes for n8n, 2026).
 *
 * Settings: `apiAccessToken`, `signingSecret` (one for each webhook that was added by hand, separated
 * by commas or new lines), `baseUrl` and `appUrl`.
 */
export const respondio: Channel = {
	key: 'respondio',
	displayName: 'respond.io',
	credentialType: 'conversationRespondIoApi',

	missingSettings(settings) {
		const isProvable =
			textOf(settings.apiAccessToken) !== undefined || secretsOf(settings.signingSecret).length > 0;
		return isProvable ? [] : ['API Access Token'];
	},

	// A workspace has many channels, and each message names its own.
	accounts: () => [],

	verify: verifyRespondIo,

	parse: parseBody,

	sending,
	registration,
	platform,
};

type Found = ParsedBody & Required<Pick<ParsedBody, 'notices'>>;

function parseBody(request: ChannelRequest): ParsedBody {
	const found: Found = { messages: [], notices: [], ignored: [], malformed: [] };
	const body = exactObject(request.rawBody);
	if (!body) return { ...found, unreadable: 'The body is not a JSON object.' };
	const event = body.event_type;
	if (typeof event !== 'string') {
		return { ...found, unreadable: 'The body has no "event_type": respond.io did not send it.' };
	}
	switch (event) {
		case 'message.received':
		case 'message.sent':
			note(event, readMessage(body, request), found);
			noteStatus(body, found);
			break;
		case 'conversation.opened':
			note(event, readOpened(body, request), found);
			break;
		case 'conversation.closed':
			note(event, readClosed(body, request.now), found);
			break;
		case 'contact.assignee.updated':
			note(event, readAssignee(body, request.now), found);
			break;
		default:
			found.ignored.push({
				reason: `The event "${wordOf(event)}" brings no messages of contacts.`,
			});
	}
	return found;
}

function noteStatus(body: Fields, found: Found): void {
	const status = found.messages[0] && statusOf(found.messages[0], body);
	if (status) found.notices.push(status);
}

function note(event: string, outcome: Outcome | NoticeOutcome, found: Found): void {
	if ('message' in outcome) found.messages.push(outcome.message);
	else if ('notice' in outcome) found.notices.push(outcome.notice);
	else if ('ignored' in outcome) found.ignored.push({ reason: `${event}: ${outcome.ignored}.` });
	else found.malformed.push({ reason: `${event}: ${outcome.malformed}.` });
}
