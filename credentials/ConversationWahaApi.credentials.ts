import type {
	IAuthenticate,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { pasted, withHeaders } from '../nodes/channels/headers';

/** One session of a WAHA server. */
export class ConversationWahaApi implements ICredentialType {
	name = 'conversationWahaApi';

	displayName = 'Conversation WAHA API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations#readme';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://waha.example.com',
			description:
				'Where your WAHA answers, as n8n reaches it, without /dashboard and without a slash at the end. Files of customers are fetched from there as well.',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
			description:
				'The key that WAHA asks for in the header X-Api-Key. If WAHA keeps only a hash of it (WAHA_API_KEY=sha512:…), enter the key itself.',
		},
		{
			displayName: 'Session',
			name: 'session',
			type: 'string',
			default: 'default',
			required: true,
			placeholder: 'e.g. default',
			description: 'The name of the session as the dashboard shows it, in the same spelling',
		},
		{
			displayName: 'HMAC Key',
			name: 'hmacSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. a long random word of your own',
			description:
				'Only if you set the webhook yourself: the same HMAC key as there. The node that registers the webhook needs none. While you replace it, enter the old and the new one, separated by a comma.',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) =>
		withHeaders(request, { 'X-Api-Key': pasted(credentials.apiKey) });

	/** A wrong key, name or address is an error; the state of the session is not looked at. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.replace(/\\/+$/, "")}}',
			url: '=/api/sessions/{{encodeURIComponent($credentials.session || "default")}}',
		},
	};
}
