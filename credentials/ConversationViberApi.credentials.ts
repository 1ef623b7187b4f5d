import type {
	IAuthenticate,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { pasted, withHeaders } from '../nodes/channels/headers';
import { baseUrlExpression } from '../nodes/channels/http';
import { meaningOf, viberUrlOf } from '../nodes/channels/viber/api';

/** Viber documents 1 to 24, and calls any other one a general error. A rule of n8n can name one. */
const FAILURES = Array.from({ length: 99 }, (_, index) => index + 1);

/** The secret of one Viber bot, and the name that it writes under. */
export class ConversationViberApi implements ICredentialType {
	name = 'conversationViberApi';

	displayName = 'Conversation Viber API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/viber.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Auth Token',
			name: 'authToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. 0123456789abcdef-0123456789abcdef-0123456789abcdef',
			description:
				'Proves who calls, in both directions. In the Viber Admin Panel: your bot, Edit Info, Token. In the Viber app: More, Settings, Bots, Edit Info, Your app key.',
		},
		{
			displayName: 'Sender Name',
			name: 'senderName',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Support',
			description: 'Stands above each message that is sent. Viber shows at most 28 characters.',
		},
		{
			displayName: 'Account Name',
			name: 'account',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1f0c2a9be7d4',
			description:
				'Leave it empty: the account is then known by a fingerprint of the token. If Viber ever gives you another token, enter the earlier value of conversation.account here, so that the contacts stay the same.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://chatapi.viber.com',
			description: 'Where the API of Viber is. Change it only for a proxy or gateway of your own.',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) =>
		withHeaders(request, [viberUrlOf(credentials)], {
			'X-Viber-Auth-Token': pasted(credentials.authToken),
		});

	/** Viber answers a wrong token with 200 as well; what it means stands in the body. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: baseUrlExpression('https://chatapi.viber.com'),
			url: '/pa/get_account_info',
			method: 'POST',
			body: {},
		},
		rules: FAILURES.map((status) => ({
			type: 'responseSuccessBody',
			properties: { key: 'status', value: status, message: `${meaningOf(status)}.` },
		})),
	};
}
