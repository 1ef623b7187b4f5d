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

/** Where Meta keeps the files of customers: what the Graph API gives as the `url` of a media ID. */
const MEDIA_URL = 'https://lookaside.fbsbx.com';

/** The secrets of one Meta app and one of its WhatsApp numbers. */
export class ConversationWhatsAppApi implements ICredentialType {
	name = 'conversationWhatsAppApi';

	displayName = 'Conversation WhatsApp API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/whatsapp.md';

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
				'A word you make up. Enter the same one in the Meta app dashboard under WhatsApp, Configuration, Webhook, Verify token.',
		},
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. EAAG…',
			description:
				'Used to answer and to fetch files. Take the permanent token of a system user with the permission whatsapp_business_messaging; the temporary token of the dashboard ends after a day.',
		},
		{
			displayName: 'Phone Number ID',
			name: 'phoneNumberId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 106540352242922',
			description:
				'The number that contacts are written to first from; an answer goes out from the number that the contact wrote to. It stands in the Meta app dashboard under WhatsApp, API Setup, and is not the phone number itself. Messages of all numbers of the app are received either way.',
		},
		{
			displayName: 'Business Account ID',
			name: 'businessAccountId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 102290129340398',
			description:
				'The WhatsApp Business Account (WABA) of the number, for your own use: the step that subscribes it to your app needs this ID, see the documentation. Receiving and sending do not.',
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
		withHeaders(request, [graphUrlOf(credentials), MEDIA_URL], {
			Authorization: `Bearer ${pasted(credentials.accessToken)}`,
		});

	/** Without a number, asks who the token belongs to (Graph API, `GET /me`). */
	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression(GRAPH_URL),
			url: '=/{{$credentials.phoneNumberId || "me"}}',
		},
	};
}
