import type {
	IAuthenticate,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { pasted, withHeaders } from '../nodes/channels/headers';
import { baseUrlExpression } from '../nodes/channels/http';
import { apiUrlOf, appUrlOf } from '../nodes/channels/respondio/api';

/** One workspace of respond.io. */
export class ConversationRespondIoApi implements ICredentialType {
	name = 'conversationRespondIoApi';

	displayName = 'Conversation respond.io API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/respondio.md';

	properties: INodeProperties[] = [
		{
			displayName: 'API Access Token',
			name: 'apiAccessToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'In respond.io: Settings, Integrations, Developer API, Add access token. It registers the webhooks, sends, and tells respond.io who has a conversation.',
		},
		{
			displayName: 'Signing Key',
			name: 'signingSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Needed only for webhooks that you added in respond.io by hand: Settings, Integrations, Webhooks shows the key of each. Separate several keys by commas. The addresses that the trigger registers prove themselves.',
		},
		{
			displayName: 'Channel ID',
			name: 'channelId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 12345',
			description:
				'The channel to write from when there is no message to answer. In respond.io: Settings, Channels, the number beside the name. Messages of all channels are received either way.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.respond.io/v2',
			description: 'Change it only for a proxy or gateway of your own',
		},
		{
			displayName: 'App URL',
			name: 'appUrl',
			type: 'string',
			default: 'https://app.respond.io',
			description:
				'Where webhooks are registered. Change it only for a proxy or gateway of your own.',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) =>
		withHeaders(request, [apiUrlOf(credentials), appUrlOf(credentials)], {
			Authorization: `Bearer ${pasted(credentials.apiAccessToken)}`,
		});

	/** Developer API, "List users": the smallest thing that every token may ask for. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression('https://api.respond.io/v2'),
			url: '/space/user',
			qs: { limit: 1 },
		},
	};
}
