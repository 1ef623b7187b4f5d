import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

/**
 * The shared secret of a sender that signs by the Standard Webhooks specification. Tested by the
 * nodes that use it (`testSignedWebhook`): there is no remote side to ask.
 */
export class ConversationSignedWebhookApi implements ICredentialType {
	name = 'conversationSignedWebhookApi';

	displayName = 'Conversation Signed Webhook API';

	icon: Icon = {
		light: 'file:../nodes/ConversationOpened/conversationOpened.svg',
		dark: 'file:../nodes/ConversationOpened/conversationOpened.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations#readme';

	properties: INodeProperties[] = [
		{
			displayName: 'Signing Secret',
			name: 'signingSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. whsec_…',
			description:
				'The secret the sender signs with, by the Standard Webhooks specification: "whsec_" and 24 to 64 random bytes in base64. While you replace it, enter the old and the new one, separated by a comma.',
		},
	];
}
