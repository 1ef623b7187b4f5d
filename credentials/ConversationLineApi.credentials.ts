import type {
	IAuthenticate,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { pasted, withHeaders } from '../nodes/channels/headers';
import { baseUrlExpression } from '../nodes/channels/http';
import { FILES_URL, messagingUrlOf } from '../nodes/channels/line/api';

/** The secrets of one Messaging API channel of LINE. */
export class ConversationLineApi implements ICredentialType {
	name = 'conversationLineApi';

	displayName = 'Conversation LINE API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/line.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Channel Secret',
			name: 'channelSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
			description:
				'Proves that a message comes from LINE. In the LINE Developers console: your Messaging API channel, Basic settings, Channel secret. While you replace it, enter the old and the new one, separated by a comma.',
		},
		{
			displayName: 'Channel Access Token',
			name: 'channelAccessToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. a long text that ends in =',
			description:
				'Used to register the webhook and to send. In the LINE Developers console: your channel, Messaging API, Channel access token (long-lived), Issue.',
		},
		{
			displayName: 'Bot User ID',
			name: 'botUserId',
			type: 'string',
			default: '',
			placeholder: 'e.g. U0123456789abcdef0123456789abcdef',
			description:
				'Only needed to write to somebody who never wrote here. It is the "destination" that LINE sends with each message, and stands in conversation.account.',
		},
		{
			displayName: 'Video Preview URL',
			name: 'videoPreviewUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://example.com/play.png',
			description:
				'A JPEG or PNG at a public https address that LINE shows in place of a video before it is played. Without it the place stays empty.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.line.me',
			description:
				'Where the Messaging API of LINE is. Change it only for a proxy or gateway of your own.',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) =>
		withHeaders(request, [messagingUrlOf(credentials), FILES_URL], {
			Authorization: `Bearer ${pasted(credentials.channelAccessToken)}`,
		});

	/** Asks which bot the token belongs to (Messaging API, "Get bot info"). */
	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression('https://api.line.me'),
			url: '/v2/bot/info',
		},
	};
}
