import type {
	IAuthenticate,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { pasted, withHeaders } from '../nodes/channels/headers';
import { baseUrlExpression } from '../nodes/channels/http';
import { GRAPH_URL, graphUrlOf } from '../nodes/channels/meta/graph';

/** The secrets of one Meta app and one of its Facebook pages. */
export class ConversationMessengerApi implements ICredentialType {
	name = 'conversationMessengerApi';

	displayName = 'Conversation Messenger API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/messenger.md';

	properties: INodeProperties[] = [
		{
			displayName: 'App Secret',
			name: 'appSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
			description:
				'Proves that a message comes from Meta. In the Meta app dashboard: App settings, Basic, App secret. While you replace it, enter the old and the new one, separated by a comma.',
		},
		{
			displayName: 'Verify Token',
			name: 'verifyToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. a long random word of your own',
			description:
				'A word you make up. Enter the same one in the Meta app dashboard under Messenger, Messenger API Settings, Configure webhooks, Verify token.',
		},
		{
			displayName: 'Page Access Token',
			name: 'accessToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. EAAG…',
			description:
				'Used to answer and to subscribe the page. In the Meta app dashboard: Messenger, Messenger API Settings, Generate access tokens. It is the token of one page; a token of a user or of another page cannot answer.',
		},
		{
			displayName: 'Page ID',
			name: 'pageId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1234567890',
			description:
				'The page of the access token. It stands beside the page under Generate access tokens. Without it the page is taken that the token belongs to. Messages of all pages of the app are received either way.',
		},
		{
			displayName: 'Human Agent',
			name: 'humanAgent',
			type: 'boolean',
			default: false,
			description:
				'Whether Meta granted your app the feature Human Agent. Answers may then go out for 7 days instead of 24 hours. By the rules of Meta that is for answers which a person wrote; automatic ones still have 24 hours.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: GRAPH_URL,
			description:
				'Where the Graph API is, with its version. Change it only for a proxy or gateway of your own.',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) =>
		withHeaders(request, [graphUrlOf(credentials)], {
			Authorization: `Bearer ${pasted(credentials.accessToken)}`,
		});

	/** Without a page, asks who the token belongs to (Graph API, `GET /me`). */
	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression(GRAPH_URL),
			url: '=/{{$credentials.pageId || "me"}}',
			qs: { fields: 'id' },
		},
	};
}
