import type {
	IAuthenticate,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { goesTo } from '../nodes/channels/headers';
import { baseUrlExpression, baseUrlOf } from '../nodes/channels/http';
import { TWILIO } from '../nodes/channels/twilio/send';
import { callerOf } from '../nodes/channels/twilio/settings';

/** One Twilio account and, for signatures, the auth tokens of its subaccounts. */
export class ConversationTwilioApi implements ICredentialType {
	name = 'conversationTwilioApi';

	displayName = 'Conversation Twilio API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/twilio.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Account SID',
			name: 'accountSid',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. AC0123456789abcdef0123456789abcdef',
			description: 'From the Twilio Console, under Account Info',
		},
		{
			displayName: 'Auth Token',
			name: 'authToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
			description:
				'Proves that a message comes from Twilio. From the Twilio Console, under Account Info. While you replace it, and for numbers of subaccounts, enter several, separated by commas; the first one is also used to send.',
		},
		{
			displayName: 'API Key SID',
			name: 'apiKeySid',
			type: 'string',
			default: '',
			placeholder: 'e.g. SK0123456789abcdef0123456789abcdef',
			description:
				'An API key to send with, so that it can be withdrawn by itself. Without one, Account SID and Auth Token are used.',
		},
		{
			displayName: 'API Key Secret',
			name: 'apiKeySecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Shown once by Twilio, when the API key is created',
		},
		{
			displayName: 'Sender',
			name: 'sender',
			type: 'string',
			default: '',
			placeholder: 'e.g. +12025550100 or whatsapp:+12025550100',
			description:
				'What to send from when there is no message to answer: a number of yours, for WhatsApp with "whatsapp:" before it, or the SID of a Messaging Service (MG…). An answer always comes from the number that was written to.',
		},
		{
			displayName: 'Webhook URL',
			name: 'webhookUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://bots.example.com/webhook/1234',
			description:
				'Only if the public address that Twilio posts to differs from the one that n8n shows: the address exactly as it stands in Twilio, or only its beginning without a path. Twilio signs the address. With a whole address, sent messages also report back to it what became of them.',
		},
		{
			displayName: 'Decode Base64 Texts',
			name: 'decodeBase64',
			type: 'boolean',
			default: false,
			description:
				'Whether to decode long texts that arrive as base64, which some carriers cause. Turn it on only if you see such texts.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.twilio.com',
			description: 'Change it only for a proxy or gateway of your own',
		},
	];

	/** A function, since Auth Token may hold several and an API key goes before it. */
	authenticate: IAuthenticate = async (credentials, requestOptions) => {
		const caller = callerOf(credentials);
		const isTwilio = goesTo(requestOptions, [baseUrlOf(credentials.baseUrl, TWILIO)]);
		return caller && isTwilio ? { ...requestOptions, auth: caller } : requestOptions;
	};

	/** Lists a message, which a standard API key may do, too; the account itself it may not read. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression(TWILIO),
			url: '=/2010-04-01/Accounts/{{$credentials.accountSid}}/Messages.json',
			qs: { PageSize: 1 },
		},
	};
}
