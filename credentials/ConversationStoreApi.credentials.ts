import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** Where conversations, contacts, teams and agents are kept. Its test is `testConversationStore`. */
export class ConversationStoreApi implements ICredentialType {
	name = 'conversationStoreApi';

	displayName = 'Conversation Store API';

	icon: Icon = {
		light: 'file:../nodes/ConversationStore/conversationStore.svg',
		dark: 'file:../nodes/ConversationStore/conversationStore.dark.svg',
	};

	documentationUrl =
		'https://github.com/inbound-conversations/n8n-nodes-inbound-conversations#the-conversation-store';

	properties: INodeProperties[] = [
		{
			displayName: 'Backend',
			name: 'backend',
			type: 'options',
			options: [
				{
					name: 'Embedded (SQLite)',
					value: 'sqlite',
					description: "A file in n8n's own folder; nothing to install",
				},
			],
			default: 'sqlite',
		},
		{
			displayName: 'Store Name',
			name: 'storeName',
			type: 'string',
			default: 'default',
			required: true,
			placeholder: 'e.g. default',
			description:
				"Name of the store's file in n8n's folder. Small letters, digits and hyphens. Credentials with the same name share one store.",
		},
		{
			displayName: 'Workspace',
			name: 'workspace',
			type: 'string',
			default: 'default',
			required: true,
			placeholder: 'e.g. acme',
			description:
				'Keeps clients apart inside one store: each workspace has its own contacts, teams, agents and conversations',
		},
		{
			displayName: 'All Processes Share One Disk',
			name: 'sharedDisk',
			type: 'boolean',
			default: false,
			description:
				'Whether n8n runs in queue mode with all its processes on this one machine. Leave off otherwise: processes on several machines would each have a store of their own.',
		},
	];
}
