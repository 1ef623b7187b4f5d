import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';
import { baseUrlExpression } from '../nodes/channels/http';
import { authenticatedUrl } from '../nodes/channels/telegram/bot';

/** The token of one Telegram bot. */
export class ConversationTelegramApi implements ICredentialType {
	name = 'conversationTelegramApi';

	displayName = 'Conversation Telegram API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/telegram.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Bot Token',
			name: 'botToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. 123456789:AAE…',
			description:
				'Write /mybots to @BotFather in Telegram, choose the bot, then API Token. A bot that another program receives with (such as a Telegram Trigger) cannot be used at the same time.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.telegram.org',
			description: 'Change it only for a Bot API server or a gateway of your own',
		},
	];

	/** The Bot API wants the token in the path, so the nodes build addresses without it. */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		// The HTTP Request node calls it `uri`.
		const { baseURL, uri, ...options } = requestOptions as IHttpRequestOptions & { uri?: string };
		const url = options.url ?? uri ?? '';
		const whole =
			baseURL && !/^https?:/i.test(url)
				? `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`
				: url;
		const authenticated = authenticatedUrl(whole, credentials);
		return uri === undefined
			? { ...options, url: authenticated }
			: ({ ...options, uri: authenticated } as unknown as IHttpRequestOptions);
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression('https://api.telegram.org'),
			url: '/getMe',
		},
	};
}
