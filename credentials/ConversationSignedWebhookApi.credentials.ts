import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

const forCustom = { show: { scheme: ['custom'] } };

/**
 * How a sender signs, and the secret it signs with. Tested by the nodes that use it
 * (`testSignedWebhook`): there is no remote side to ask.
 */
export class ConversationSignedWebhookApi implements ICredentialType {
	name = 'conversationSignedWebhookApi';

	displayName = 'Conversation Signed Webhook API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations/blob/main/docs/channels/webhooks.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Scheme',
			name: 'scheme',
			type: 'options',
			options: [
				{
					name: 'Custom HMAC',
					value: 'custom',
					description: 'The sender has a scheme of its own; describe it below',
				},
				{
					name: 'Standard Webhooks',
					value: 'standardWebhooks',
					description:
						'The headers webhook-id, webhook-timestamp and webhook-signature, or the same with svix-',
				},
			],
			default: 'standardWebhooks',
			description: 'How the sender signs what it posts',
		},
		{
			displayName: 'Signing Secret',
			name: 'signingSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. whsec_…',
			description:
				'The secret the sender signs with. For Standard Webhooks: "whsec_" and 24 to 64 random bytes in base64. For Custom HMAC: as the sender shows it; it must not contain a comma. While you replace it, enter the old and the new one, separated by a comma.',
		},
		{
			displayName: 'Signature Header',
			name: 'signatureHeader',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. X-Signature',
			displayOptions: forCustom,
			description:
				'The header that holds the signature, or several of them separated by spaces or commas; one that fits is enough',
		},
		{
			displayName: 'Prefix',
			name: 'signaturePrefix',
			type: 'string',
			default: '',
			placeholder: 'e.g. sha256=',
			displayOptions: forCustom,
			description:
				'What stands before the signature in the header, such as "sha256=" or "v0=". Empty if the header holds nothing else.',
		},
		{
			displayName: 'Algorithm',
			name: 'algorithm',
			type: 'options',
			options: [
				{ name: 'SHA-1', value: 'sha1' },
				{ name: 'SHA-256', value: 'sha256' },
				{ name: 'SHA-512', value: 'sha512' },
			],
			default: 'sha256',
			displayOptions: forCustom,
			description: 'The hash function of the HMAC',
		},
		{
			displayName: 'Encoding',
			name: 'encoding',
			type: 'options',
			options: [
				{ name: 'Base64', value: 'base64', description: 'Also in its URL-safe form' },
				{ name: 'Hex', value: 'hex', description: 'Digits and the letters a to f' },
			],
			default: 'hex',
			displayOptions: forCustom,
			description: 'How the signature is written in the header',
		},
		{
			displayName: 'Secret Encoding',
			name: 'keyEncoding',
			type: 'options',
			options: [
				{ name: 'Base64', value: 'base64', description: 'The secret stands for bytes, in base64' },
				{ name: 'Hex', value: 'hex', description: 'The secret stands for bytes, in hexadecimal' },
				{ name: 'Text', value: 'text', description: 'The letters themselves are the key' },
			],
			default: 'text',
			displayOptions: forCustom,
			description: 'How the secret becomes the key. Most senders use the text as it is.',
		},
		{
			displayName: 'Signed Text',
			name: 'signedText',
			type: 'string',
			default: '{body}',
			required: true,
			placeholder: 'e.g. {timestamp}.{body}',
			displayOptions: forCustom,
			description:
				'What the sender signs: {body}, and where it says so {timestamp} and {id}. Examples: "{body}", "{timestamp}.{body}", "v0:{timestamp}:{body}".',
		},
		{
			displayName: 'Timestamp Header',
			name: 'timestampHeader',
			type: 'string',
			default: '',
			placeholder: 'e.g. X-Request-Timestamp',
			displayOptions: forCustom,
			description: 'The header that {timestamp} is taken from',
		},
		{
			displayName: 'ID Header',
			name: 'idHeader',
			type: 'string',
			default: '',
			placeholder: 'e.g. X-Request-ID',
			displayOptions: forCustom,
			description: 'The header that {id} is taken from',
		},
		{
			displayName: 'Signature Key',
			name: 'signatureKey',
			type: 'string',
			typeOptions: { password: false },
			default: '',
			placeholder: 'e.g. v1',
			displayOptions: forCustom,
			description:
				'Only if the header is a list of names and values such as "t=1614265330,v1=5257a8…": the name of the signatures in it',
		},
		{
			displayName: 'Timestamp Key',
			name: 'timestampKey',
			type: 'string',
			typeOptions: { password: false },
			default: '',
			placeholder: 'e.g. t',
			displayOptions: forCustom,
			description: 'The name of the time in such a list, instead of Timestamp Header',
		},
		{
			displayName: 'Tolerance',
			name: 'tolerance',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 300,
			displayOptions: forCustom,
			description:
				'How many seconds the timestamp may differ from the clock of n8n, in both directions. 0 accepts any time, so a recorded request could be sent again later. Without {timestamp} in Signed Text it does nothing.',
		},
	];
}
