import type { INodeProperties, INodeTypeDescription } from 'n8n-workflow';

/** Versions start at 1.1: with 1, n8n evaluates an expression for each request by itself. */
export const NODE_VERSION = 1.1;

/** The parameter 'Conversation' of every node that acts on one. */
export const conversationParameters: INodeProperties[] = [
	{
		displayName: 'Conversation',
		name: 'conversationFrom',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'By ID or From List',
				value: 'id',
				description: 'A conversation you choose, or whose ID you give',
			},
			{
				name: 'From Input',
				value: 'input',
				description: 'The conversation that the incoming item is about',
			},
			{
				name: 'Open Conversation of Contact',
				value: 'contact',
				description: 'The conversation that this contact has open now',
			},
		],
		default: 'input',
		description: 'Which conversation to act on',
	},
	{
		displayName: 'Conversation ID',
		name: 'conversationId',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		displayOptions: { show: { conversationFrom: ['id'] } },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod: 'searchConversations', searchable: false },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 01990a1c-6f0e-7d2a-b3c4-5d6e7f8a9b0c',
			},
		],
		description: 'The conversation to act on',
	},
	{
		displayName: 'Contact',
		name: 'conversationContact',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. +201001234567',
		displayOptions: { show: { conversationFrom: ['contact'] } },
		description: 'Phone number in international form, e-mail address, or contact key',
	},
];

/** A record of the store, chosen from its list or by what identifies it. */
function recordParameter(
	record: { label: string; searchListMethod: string; by: string; placeholder: string },
	overrides: Partial<INodeProperties>,
): INodeProperties {
	const { label, searchListMethod, by, placeholder } = record;
	return {
		displayName: label,
		name: label.toLowerCase(),
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod, searchable: true },
			},
			{ displayName: by, name: 'id', type: 'string', placeholder },
		],
		...overrides,
	};
}

const TEAM = {
	label: 'Team',
	searchListMethod: 'searchTeams',
	by: 'By Key',
	placeholder: 'e.g. billing',
};
const AGENT = {
	label: 'Agent',
	searchListMethod: 'searchAgents',
	by: 'By Key',
	placeholder: 'e.g. nathan@example.com',
};
const CATEGORY = {
	label: 'Category',
	searchListMethod: 'searchCategories',
	by: 'By Name',
	placeholder: 'e.g. Billing question',
};

export const teamParameter = (overrides: Partial<INodeProperties> = {}) =>
	recordParameter(TEAM, overrides);

export const agentParameter = (overrides: Partial<INodeProperties> = {}) =>
	recordParameter(AGENT, overrides);

/** A category of the closing notes; one that is not in the list may be typed. */
export const categoryParameter = (overrides: Partial<INodeProperties> = {}) =>
	recordParameter(CATEGORY, overrides);

/** Icon pair in the node's own folder. */
export const icon = (name: string): INodeTypeDescription['icon'] => ({
	light: `file:${name}.svg`,
	dark: `file:${name}.dark.svg`,
});
