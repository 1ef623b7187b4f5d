import type {
	IAuthenticate,
	ICredentialType,
	Icon,
	IDataObject,
	INodeProperties,
} from 'n8n-workflow';
import { isForCredential, proofOf } from '../nodes/enrichment/lookupCredential';

const forWay = (authentication: string) => ({ show: { authentication: [authentication] } });

/**
 * The system that Enrich Contact looks contacts up in, and what proves who asks. Tested by the node that
 * uses it (`testLookup`): without 'Test URL' there is nothing to ask.
 */
export class ConversationLookupApi implements ICredentialType {
	name = 'conversationLookupApi';

	displayName = 'Conversation Look-Up API';

	icon: Icon = {
		light: 'file:../nodes/EnrichContact/enrichContact.svg',
		dark: 'file:../nodes/EnrichContact/enrichContact.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/enrich-contact.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Authentication',
			name: 'authentication',
			type: 'options',
			options: [
				{
					name: 'API Key in Header',
					value: 'header',
					description: 'A header of its own, such as X-API-Key',
				},
				{ name: 'Basic', value: 'basic', description: 'A user and a password' },
				{
					name: 'Bearer Token',
					value: 'bearer',
					description: 'The header Authorization with the word Bearer and a token',
				},
				{ name: 'None', value: 'none', description: 'Anybody may ask' },
				{
					name: 'Query Parameter',
					value: 'query',
					description: 'A parameter in the address. It may be written into logs on the way.',
				},
			],
			default: 'bearer',
			description: 'How the other system knows who asks',
		},
		{
			displayName: 'Header Name',
			name: 'headerName',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. X-API-Key',
			displayOptions: forWay('header'),
			description: 'The name of the header, as the other system documents it',
		},
		{
			displayName: 'Header Value',
			name: 'headerApiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: forWay('header'),
			description: 'The key itself, with everything that stands before it in the header',
		},
		{
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: forWay('bearer'),
			description: 'The token, without the word Bearer',
		},
		{
			displayName: 'User',
			name: 'user',
			type: 'string',
			default: '',
			required: true,
			displayOptions: forWay('basic'),
			description: 'The user that may read contacts',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: forWay('basic'),
			description: 'The password of that user',
		},
		{
			displayName: 'Parameter Name',
			name: 'queryName',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. api_key',
			displayOptions: forWay('query'),
			description: 'The name of the parameter, as the other system documents it',
		},
		{
			displayName: 'Parameter Value',
			name: 'queryApiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: forWay('query'),
			description: 'The key itself',
		},
		{
			displayName: 'Allowed Hosts',
			name: 'allowedHosts',
			type: 'string',
			default: '',
			placeholder: 'e.g. api.crm.example.com, *.crm.example.com',
			description:
				'The only hosts this credential is sent to, separated by commas. Empty allows any, so whoever may edit a workflow with it decides where the key goes.',
		},
		{
			displayName: 'Allow Private Addresses',
			name: 'allowPrivateAddresses',
			type: 'boolean',
			default: false,
			description:
				'Whether a look-up may ask a system inside your own network or on this machine. Off, only public addresses are asked.',
		},
		{
			displayName: 'Test URL',
			name: 'testUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://api.crm.example.com/v1/me',
			description:
				'An address that answers a GET when the credential is right. Asked when you save; it must not answer 401 or 403. Empty skips the test.',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) => {
		const { url, baseURL } = request;
		if (!isForCredential(addressOf(url, baseURL), credentials)) return request;
		const { headers, query } = proofOf(credentials);
		return {
			...request,
			headers: { ...request.headers, ...headers },
			...(Object.keys(query).length > 0
				? { qs: { ...(request.qs as IDataObject), ...query } }
				: {}),
		};
	};
}

function addressOf(url: string, base?: string): string {
	try {
		return new URL(url, base === '' ? undefined : base).href;
	} catch {
		return '';
	}
}
