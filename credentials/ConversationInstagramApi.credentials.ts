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

/** The secrets of one Meta app and one of its Instagram accounts. */
export class ConversationInstagramApi implements ICredentialType {
	name = 'conversationInstagramApi';

	displayName = 'Conversation Instagram API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/instagram.md';

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
				'Proves that a message comes from Meta. With Instagram Login: the Instagram app secret, under Instagram, API setup with Instagram login. With a linked page: App settings, Basic, App secret. If unsure, and while you replace one, enter both, separated by a comma.',
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
				'A word you make up. Enter the same one in the Meta app dashboard where the callback URL of Instagram is entered.',
		},
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. IGAA… or EAAG…',
			description:
				'Used to answer and to subscribe the account. With Instagram Login: the token of the Instagram account; it ends after 60 days unless it is refreshed. With a linked page: the access token of the page.',
		},
		{
			displayName: 'Instagram Account ID',
			name: 'accountId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 17841400000000000',
			description:
				'The professional account, as it stands in conversation.account of a message. Only the test of the credential needs it, and only to make sure that the token fits. Messages of all accounts of the app are received either way.',
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
				'Where the Graph API is, with its version. With Instagram Login enter https://graph.instagram.com/v25.0. Otherwise change it only for a proxy or gateway of your own.',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) =>
		withHeaders(request, [graphUrlOf(credentials)], {
			Authorization: `Bearer ${pasted(credentials.accessToken)}`,
		});

	/** Without an account, asks who the token belongs to (Graph API, `GET /me`). */
	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression(GRAPH_URL),
			url: '=/{{$credentials.accountId || "me"}}',
			qs: { fields: 'id' },
		},
	};
}
