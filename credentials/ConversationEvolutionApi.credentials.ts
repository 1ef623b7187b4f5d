import type {
	IAuthenticate,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { pasted, withHeaders } from '../nodes/channels/headers';
import { baseUrlExpression, baseUrlOf } from '../nodes/channels/http';

/** One instance of an Evolution API server. */
export class ConversationEvolutionApi implements ICredentialType {
	name = 'conversationEvolutionApi';

	displayName = 'Conversation Evolution API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/evolution.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://evolution.example.com',
			description:
				'Where your Evolution API answers, as n8n reaches it, without /manager and without a slash at the end',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. 32 random letters and digits',
			description:
				'The token of the instance, which the manager shows beside it. The key of the whole server (AUTHENTICATION_API_KEY) works as well and can do more than is needed. It also proves who sends messages, so a key of less than 16 characters, or the one of the examples, needs a Webhook Secret besides.',
		},
		{
			displayName: 'Instance Name',
			name: 'instanceName',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. support-desk',
			description: 'The name of the instance as the manager shows it, in the same spelling',
		},
		{
			displayName: 'Account Name',
			name: 'accountName',
			type: 'string',
			default: '',
			placeholder: 'e.g. Riyadh',
			description:
				'Needed only with two servers whose instances have the same name: a different name for each, so that their contacts are not taken for one another. Empty: the name of the instance.',
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. a long random word of your own',
			description:
				'Only if you set the webhook yourself, or the API Key is easy to guess: what your webhook sends in the header x-webhook-secret. The node that registers the webhook needs none otherwise. While you replace it, enter the old and the new one, separated by a comma.',
		},
		{
			displayName: 'JWT Key',
			name: 'jwtSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. a long random word of your own',
			description:
				'Only if you set the webhook yourself with the header jwt_key: the same key. While you replace it, enter the old and the new one, separated by a comma.',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) =>
		withHeaders(request, [baseUrlOf(credentials.baseUrl, '')], {
			apikey: pasted(credentials.apiKey),
		});

	/** Asks whether the instance is linked to a phone; a wrong key, name or address is an error. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression(),
			url: '=/instance/connectionState/{{encodeURIComponent($credentials.instanceName)}}',
		},
	};
}
