import type { Channel, ChannelRequest, ChannelSettings, ParsedBody } from '../channel';
import { textOf } from '../fields';
import { secretsOf } from '../signatures';
import { accountOf, addressOf } from './address';
import { isJson, messageSidOf, parametersOf } from './form';
import { readMessage } from './message';
import { sending } from './send';
import { verifyTwilioSignature } from './signature';
import { isStatus, readStatus } from './status';

/**
 * Twilio Programmable Messaging: SMS, MMS, WhatsApp, RCS ("Messaging webhooks", "Messages resource",
 * 2026).
 *
 * Settings: `authToken` (several, separated by commas or new lines, while one is replaced and for
 * subaccounts), `webhookUrl` where Twilio has another address than n8n shows, `decodeBase64`; for
 * sending `accountSid`, `apiKeySid` and `apiKeySecret`, `sender`, `baseUrl`. One account has many
 * numbers, so an account here is `<AccountSid>:<To>`.
 */
export const twilio: Channel = {
	key: 'twilio',
	displayName: 'Twilio',
	credentialType: 'conversationTwilioApi',

	missingSettings: (settings) => (secretsOf(settings.authToken).length === 0 ? ['Auth Token'] : []),

	accounts(settings) {
		const account = accountOf(textOf(settings.accountSid), addressOf(settings.sender));
		return account === undefined ? [] : [account];
	},

	verify: verifyTwilioSignature,

	parse: parseBody,

	// Instructions to answer nothing. Text would go to the customer, JSON is error 12300.
	answer: {
		status: 200,
		contentType: 'text/xml',
		body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
	},

	sending,
};

/** A webhook is about one message. */
function parseBody(request: ChannelRequest, settings: ChannelSettings): ParsedBody {
	const found: ParsedBody = { messages: [], notices: [], ignored: [], malformed: [] };
	if (isJson(request)) {
		const reason =
			'The body is JSON, from another product of Twilio (Event Streams, Conversations). Enter the address where a number or a Messaging Service asks what to do when a message comes in.';
		return { ...found, malformed: [{ reason }] };
	}
	const form = parametersOf(request);
	const id = messageSidOf(form);
	if (id === undefined) {
		if (form.has('CallSid')) {
			const reason = 'The webhook is about a call. Only messages are taken here.';
			return { ...found, ignored: [{ reason }] };
		}
		return { ...found, unreadable: 'The body has no MessageSid: it is no message of Twilio.' };
	}
	if (isStatus(form)) {
		const outcome = readStatus(form, id, settings, request.now);
		if ('notices' in outcome) return { ...found, notices: outcome.notices };
		return { ...found, ignored: [{ reason: `The message ${outcome.ignored}.` }] };
	}
	const outcome = readMessage(form, id, settings, request.now);
	if ('malformed' in outcome) {
		return { ...found, malformed: [{ reason: `The message ${outcome.malformed}.` }] };
	}
	return { ...found, messages: [outcome.message], notices: outcome.notices };
}
