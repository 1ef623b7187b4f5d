import type {
	IAuthenticate,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { pasted, withHeaders } from '../nodes/channels/headers';
import { baseUrlExpression, baseUrlOf } from '../nodes/channels/http';

/** One session of a WAHA server. */
export class ConversationWahaApi implements ICredentialType {
	name = 'conversationWahaApi';

	displayName = 'Conversation WAHA API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/waha.md';

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
			placeholder: 'e.g. 32 random letters and digits',
			description:
				'The key that WAHA asks for in the header X-Api-Key. If WAHA keeps only a hash of it (WAHA_API_KEY=sha512:…), enter the key itself. It also proves who sends messages, so a key of less than 16 characters needs an HMAC Key besides.',
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
			displayName: 'Account Name',
			name: 'accountName',
			type: 'string',
			default: '',
			placeholder: 'e.g. Riyadh',
			description:
				'Needed only with two servers whose sessions have the same name: a different name for each, so that their contacts are not taken for one another. Empty: the name of the session.',
		},
		{
			displayName: 'HMAC Key',
			name: 'hmacSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. a long random word of your own',
			description:
				'Only if you set the webhook yourself, or the API Key has less than 16 characters: what the webhook is signed with. The node that registers the webhook needs none otherwise. While you replace it, enter the old and the new one, separated by a comma.',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) =>
		withHeaders(request, [baseUrlOf(credentials.baseUrl, '')], {
			'X-Api-Key': pasted(credentials.apiKey),
		});

	/** A wrong key, name or address is an error; the state of the session is not looked at. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression(),
			url: '=/api/sessions/{{encodeURIComponent($credentials.session || "default")}}',
		},
	};
}
