import type {
	IAuthenticate,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { pasted, withHeaders } from '../nodes/channels/headers';
import { baseUrlExpression, baseUrlOf } from '../nodes/channels/http';

/** One account of a Chatwoot installation, and what proves that its webhooks are its own. */
export class ConversationChatwootApi implements ICredentialType {
	name = 'conversationChatwootApi';

	displayName = 'Conversation Chatwoot API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/chatwoot.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://app.chatwoot.com',
			required: true,
			placeholder: 'e.g. https://chat.example.com',
			description: 'The address at which you open Chatwoot: the cloud, or your own installation',
		},
		{
			displayName: 'API Access Token',
			name: 'apiAccessToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'In Chatwoot: Profile settings, Access token. Take the token of an administrator, since only an administrator may register webhooks. What is sent shows under the name of that person, so an agent of its own is best.',
		},
		{
			displayName: 'Account ID',
			name: 'accountId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 1',
			description: 'The number after /accounts/ in the address of your Chatwoot',
		},
		{
			displayName: 'Agent ID of the Token',
			name: 'ownAgentId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 12',
			description:
				'The ID of the agent whose token it is, if that agent is no person. What it writes is then never taken for the reply of a person. The ID stands in the answer to /api/v1/profile.',
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Needed only for a webhook that you added in Chatwoot by hand: Settings, Integrations, Webhooks shows its secret. The address that the trigger registers proves itself. While you replace a secret, enter the old and the new one, separated by a comma.',
		},
		{
			displayName: 'Accept Unsigned Webhooks',
			name: 'acceptUnsigned',
			type: 'boolean',
			default: false,
			description:
				'Whether to take webhooks that prove nothing. Only for an older Chatwoot and a webhook that you added by hand: anybody who knows the address can then write in the name of your contacts.',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) =>
		withHeaders(request, [baseUrlOf(credentials.baseUrl, '')], {
			api_access_token: pasted(credentials.apiAccessToken),
		});

	/** Application API, "Profile" says whose token it is; the inboxes, whether the account is right. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression(),
			url: '=/api/v1/accounts/{{$credentials.accountId}}/inboxes',
		},
	};
}
