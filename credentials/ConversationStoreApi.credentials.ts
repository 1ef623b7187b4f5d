import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

const show = { backend: ['postgres'] };

/** Named as in n8n's own Postgres credential. */
const server: INodeProperties[] = [
	{
		displayName: 'Host',
		name: 'host',
		type: 'string',
		default: 'localhost',
		required: true,
		displayOptions: { show },
		placeholder: 'e.g. db.example.com',
	},
	{
		displayName: 'Port',
		name: 'port',
		type: 'number',
		default: 5432,
		displayOptions: { show },
	},
	{
		displayName: 'Database',
		name: 'database',
		type: 'string',
		default: 'postgres',
		required: true,
		displayOptions: { show },
		placeholder: 'e.g. n8n',
		description: "The database must exist. It may be n8n's own: the store keeps to its schema.",
	},
	{
		displayName: 'Schema',
		name: 'schema',
		type: 'string',
		default: 'conversations',
		required: true,
		displayOptions: { show },
		placeholder: 'e.g. conversations',
		description:
			'Where the tables are kept. Made by itself if the user may create schemas in the database; otherwise the user must own it. Small letters, digits and underscores.',
	},
	{
		displayName: 'User',
		name: 'user',
		type: 'string',
		default: 'postgres',
		required: true,
		displayOptions: { show },
	},
	{
		displayName: 'Password',
		name: 'password',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		displayOptions: { show },
	},
	{
		displayName: 'Maximum Connections',
		name: 'maxConnections',
		type: 'number',
		default: 5,
		displayOptions: { show },
		description:
			'Of each n8n process (main, webhook processor, worker), which takes one more to listen. Their sum must stay below max_connections of the server.',
	},
	{
		displayName: 'Ignore SSL Issues (Insecure)',
		name: 'allowUnauthorizedCerts',
		type: 'boolean',
		default: false,
		displayOptions: { show },
		description: 'Whether to connect with encryption but trust whoever answers',
	},
	{
		displayName: 'SSL',
		name: 'ssl',
		type: 'options',
		displayOptions: { show: { ...show, allowUnauthorizedCerts: [false] } },
		options: [
			{
				name: 'Allow',
				value: 'allow',
				description: 'Without encryption, unless the server wants it',
			},
			{ name: 'Disable', value: 'disable', description: 'Never encrypted' },
			{
				name: 'Require',
				value: 'require',
				description: 'Always encrypted, and the certificate must be valid for the host',
			},
		],
		default: 'disable',
	},
	{
		displayName: 'CA Certificate',
		name: 'caCertificate',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		displayOptions: {
			show: { ...show, allowUnauthorizedCerts: [false], ssl: ['allow', 'require'] },
		},
		placeholder: 'e.g. -----BEGIN CERTIFICATE-----',
		description:
			'Only if the authority that signed the server’s certificate is one that the system does not know',
	},
];

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
				{
					name: 'PostgreSQL',
					value: 'postgres',
					description: 'For queue mode and several machines; version 13 or newer',
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
			displayOptions: { show: { backend: ['sqlite'] } },
			placeholder: 'e.g. default',
			description:
				"Name of the store's file in n8n's folder. Small letters, digits and hyphens. Credentials with the same name share one store.",
		},
		...server,
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
			displayOptions: { show: { backend: ['sqlite'] } },
			description:
				'Whether n8n runs in queue mode with all its processes on this one machine. Leave off otherwise: processes on several machines would each have a store of their own.',
		},
	];
}
