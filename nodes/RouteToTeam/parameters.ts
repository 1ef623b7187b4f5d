import type { INodeProperties } from 'n8n-workflow';
import { conversationParameters, teamParameter } from '../descriptions/common';
import { conditionParameters } from './conditionParameters';

const rule: INodeProperties[] = [
	{
		displayName: 'Conditions',
		name: 'conditions',
		type: 'fixedCollection',
		placeholder: 'Add condition',
		typeOptions: { multipleValues: true },
		default: { values: [{}] },
		options: [{ displayName: 'Condition', name: 'values', values: conditionParameters }],
	},
	{
		displayName: 'Match',
		name: 'match',
		type: 'options',
		options: [
			{ name: 'All Conditions', value: 'all' },
			{ name: 'Any Condition', value: 'any' },
		],
		default: 'all',
		description: 'How many of the conditions must hold',
	},
	{
		displayName: 'Rule Name',
		name: 'name',
		type: 'string',
		default: '',
		placeholder: 'e.g. Billing questions',
		description: 'What the explanation calls this rule',
	},
	teamParameter({ required: true, description: 'The team that gets the conversation' }),
];

const rules = (changes: Partial<INodeProperties> = {}, sortable = true): INodeProperties => ({
	displayName: 'Rules',
	name: 'rules',
	type: 'fixedCollection',
	placeholder: 'Add rule',
	typeOptions: { multipleValues: true, sortable },
	default: {},
	description: 'Looked at from top to bottom; the first that matches decides',
	options: [{ displayName: 'Rule', name: 'values', values: rule }],
	...changes,
});

const fallbackTeam = teamParameter({
	displayName: 'Fallback Team',
	name: 'fallbackTeam',
	description:
		"Gets conversations that no rule matches. When empty, they leave by the output 'Unrouted'.",
});

/** Options that change the decision, in the order of their names. */
const deciding = {
	convertTypes: {
		displayName: 'Convert Types Where Required',
		name: 'convertTypes',
		type: 'boolean',
		default: true,
		description:
			'Whether custom conditions read the text "12" as a number where they compare numbers, instead of failing',
	},
	matchExactly: {
		displayName: 'Match Exactly',
		name: 'matchExactly',
		type: 'boolean',
		default: false,
		description:
			'Whether case, accents and letter forms must be the same in words, tags, intents, fields and custom conditions',
	},
	lastTeam: {
		displayName: 'Returning Contacts to Their Last Team',
		name: 'lastTeam',
		type: 'fixedCollection',
		default: { values: {} },
		options: [
			{
				displayName: 'Last Team',
				name: 'values',
				values: [
					{
						displayName: 'Within Days',
						name: 'days',
						type: 'number',
						typeOptions: { minValue: 1 },
						default: 30,
						description: 'How long ago the last conversation may have been closed',
					},
					{
						displayName: 'Precedence',
						name: 'order',
						type: 'options',
						options: [
							{
								name: 'Before Rules',
								value: 'beforeRules',
								description: 'No rule is looked at for them',
							},
							{
								name: 'When No Rule Matches',
								value: 'whenNoRuleMatches',
								description: 'Ahead of the fallback team',
							},
						],
						default: 'beforeRules',
						description: 'Whether the last team or the rules count first',
					},
				],
			},
		],
		description: 'Contacts who are back go to the team of their last conversation',
	},
	overflow: {
		displayName: 'When the Team Cannot Take It',
		name: 'overflow',
		type: 'options',
		options: [
			{ name: 'Keep It There', value: 'keep', description: 'It waits in the queue of the team' },
			{
				name: 'Use Overflow Team When Closed',
				value: 'whenClosed',
				description: 'Outside the business hours of the team',
			},
			{
				name: 'Use Overflow Team When Closed or Nobody Is Online',
				value: 'whenClosedOrNobodyOnline',
				description: 'Also when none of its agents is online and on shift',
			},
		],
		default: 'whenClosed',
		description:
			'What happens when the team is closed or deserted. The overflow team is set with Conversation Store > Team > Create or Update. Where no overflow team can take it either, it stays with the first.',
	},
} satisfies Record<string, INodeProperties>;

const options = (...values: INodeProperties[]): INodeProperties => ({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: values.sort((a, b) => a.displayName.localeCompare(b.displayName, 'en')),
});

/** All that decides, and nothing else: also what Replay Routing asks for. */
export const policyParameters: INodeProperties[] = [
	rules(),
	fallbackTeam,
	options(...Object.values(deciding)),
];

const mode = (value: string) => ({ displayOptions: { show: { outputMode: [value] } } });

export const parameters: INodeProperties[] = [
	...conversationParameters,
	{
		displayName: 'Outputs',
		name: 'outputMode',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'One Output per Team',
				value: 'perTeam',
				description: 'Unrouted, Other Team, then each team that a rule names',
			},
			{
				name: 'Routed and Unrouted',
				value: 'routedUnrouted',
				description: 'The item says the team; edits of the rules never move a connection',
			},
		],
		default: 'routedUnrouted',
		description: 'By which output conversations leave',
	},
	{
		displayName:
			"Each team has the place of its first rule, up to 16 teams. New teams come last: add rules at the end. Removing a team moves the connections of the teams below it, so check them then. Fallback teams, overflow teams and last teams that no rule names, and rules whose team is an expression, leave by 'Other Team'.",
		name: 'outputsNotice',
		type: 'notice',
		default: '',
		...mode('perTeam'),
	},
	rules(mode('routedUnrouted')),
	rules(mode('perTeam'), false),
	fallbackTeam,
	options(
		...Object.values(deciding),
		{
			displayName: 'Dry Run',
			name: 'dryRun',
			type: 'boolean',
			default: false,
			description: 'Whether to decide and explain only, without routing the conversation',
		},
		{
			displayName: 'Take It Off an Agent a Person Chose',
			name: 'overridesPeople',
			type: 'boolean',
			default: false,
			description:
				'Whether an agent outside the new team loses the conversation also where a person assigned it, here or on the platform',
		},
	),
];
