import '../nodes/support/environment';
import { channels } from '../../nodes/channels';
import {
	Workflow,
	type INode,
	type INodeProperties,
	type INodePropertyCollection,
} from 'n8n-workflow';
import assign from '../../nodes/AutoAssignAgent/AutoAssignAgent.node.json';
import links from '../../nodes/AgentLinks/AgentLinksTrigger.node.json';
import event from '../../nodes/ConversationEvent/ConversationEventTrigger.node.json';
import store from '../../nodes/ConversationStore/ConversationStore.node.json';
import {
	filledParameters,
	nodeNamed,
	nodes,
	nodeTypes,
	outputsOf,
	PACKAGE,
	type NodeName,
} from '../nodes/support/nodeTypes';

const names = Object.keys(nodes) as NodeName[];

/** Every property, also those inside collections. */
function allProperties(properties: INodeProperties[]): INodeProperties[] {
	return properties.flatMap((property) => {
		const inner =
			property.type === 'collection'
				? (property.options as INodeProperties[])
				: property.type === 'fixedCollection'
					? (property.options as INodePropertyCollection[]).flatMap(({ values }) => values)
					: [];
		return [property, ...allProperties(inner)];
	});
}

const isExpression = (value: unknown): boolean =>
	typeof value === 'string'
		? value.startsWith('=')
		: typeof value === 'object' && value !== null && Object.values(value).some(isExpression);

describe.each(names)('the description of %s', (name) => {
	const { description, methods } = nodeNamed(name);
	const properties = allProperties(description.properties);

	test('holds no expression that n8n would evaluate for every request or run', () => {
		expect(description.webhooks?.filter(isExpression) ?? []).toEqual([]);
		expect(properties.filter(({ default: value }) => isExpression(value))).toEqual([]);
	});

	test('its lists exist', () => {
		const asked = properties.flatMap(({ modes }) =>
			(modes ?? []).flatMap(({ typeOptions }) => typeOptions?.searchListMethod ?? []),
		);
		for (const method of asked) {
			expect(methods?.listSearch?.[method]).toBeInstanceOf(Function);
		}
	});

	test('its options show their default, and examples look like examples', () => {
		for (const property of properties) {
			if (property.type === 'options') {
				const values = (property.options ?? []).map((option) => 'value' in option && option.value);
				expect(values).toContain(property.default);
			}
			if (property.placeholder !== undefined && property.type === 'string') {
				expect(property.placeholder).toMatch(/^e\.g\. /);
			}
		}
	});

	test('its names of outputs are as many as its outputs', () => {
		const outputs = outputsOf(name);
		if (description.outputNames) expect(description.outputNames).toHaveLength(outputs.length);
		expect(outputs.length).toBeGreaterThan(0);
		if (outputs.length > 1) expect(outputs).not.toContain('');
	});
});

describe('the subtitle under a node', () => {
	const subtitles: Record<NodeName, string> = {
		agentLinksTrigger: 'a link was used',
		askQuestion: 'choice',
		autoAssignAgent: 'round robin',
		closeConversation: '',
		conversationEventTrigger: 'assigned',
		conversationOpenedTrigger: 'whatsapp',
		conversationStore: 'upsert: agent',
		enrichContact: 'history, phone, language',
		openConversation: 'email',
		routeToTeam: '0 rules',
		sendMessage: 'text',
	};

	const subtitleOf = (name: NodeName, parameters: INode['parameters'] = {}) => {
		const { description } = nodeNamed(name);
		const workflow = new Workflow({
			nodes: [
				{
					id: '1',
					name: 'Node',
					type: `${PACKAGE}.${name}`,
					typeVersion: 1.1,
					position: [0, 0],
					parameters: filledParameters(name, parameters),
				},
			],
			connections: {},
			active: false,
			nodeTypes,
		});
		return workflow.expression.getSimpleParameterValue(
			workflow.getNode('Node')!,
			description.subtitle,
			'internal',
			{},
		);
	};

	test.each(names)('%s', (name) => expect(subtitleOf(name)).toBe(subtitles[name]));

	test.each<[string, NodeName, INode['parameters']]>([
		['one agent', 'autoAssignAgent', { assignTo: 'agent' }],
		['unassign', 'autoAssignAgent', { assignTo: 'nobody' }],
		[
			'compare shadow: conversation',
			'conversationStore',
			{ resource: 'conversation', operation: 'compareShadow' },
		],
		[
			'assigned, first response overdue',
			'conversationEventTrigger',
			{ events: ['assigned', 'first_response_overdue'] },
		],
	])('in words: %s', (subtitle, name, parameters) => {
		expect(subtitleOf(name, parameters)).toBe(subtitle);
	});
});

describe('what people type in the nodes panel', () => {
	test.each([
		['round robin', [assign]],
		['queue', [assign, store]],
		['handover', [assign, store, event, links]],
		['transfer', [assign, store]],
		['snooze', [store, links]],
		['heartbeat', [store]],
		['accept link', [links]],
		['fairness', [assign, store]],
		['overdue', [event]],
	])('"%s" finds the node that does it', (typed, found) => {
		for (const { alias } of found) expect(alias).toContain(typed);
	});
});

test('the webhook of Conversation Opened answers what the node says, and serves the handshake', () => {
	expect(nodeNamed('conversationOpenedTrigger').description.webhooks).toEqual([
		{
			name: 'setup',
			httpMethod: 'GET',
			path: 'webhook',
			responseMode: 'onReceived',
			ndvHideUrl: true,
		},
		{
			name: 'default',
			httpMethod: 'POST',
			path: 'webhook',
			responseMode: 'onReceived',
			responseData: 'noData',
		},
	]);
});

describe('the credentials of channels', () => {
	const asked = (name: NodeName) => nodeNamed(name).description.credentials ?? [];
	const withCredential = channels.filter(({ credentialType }) => credentialType !== undefined);

	test.each([
		['conversationOpenedTrigger', 'channel', withCredential],
		['sendMessage', '/channels', withCredential.filter(({ sending }) => sending !== undefined)],
	] as const)('%s asks for that of each channel, and for no other', (name, parameter, those) => {
		const shown = asked(name)
			.filter(({ displayOptions }) => displayOptions !== undefined)
			.map(({ name: type, required, displayOptions }) => [type, required, displayOptions?.show]);
		const wanted = those.map(({ key, credentialType }) => [
			credentialType,
			true,
			{ [parameter]: [key] },
		]);
		expect(shown.sort()).toEqual(wanted.sort());
	});

	test('a channel that is chosen has a name that the other node gives it, too', () => {
		const options = (name: NodeName, parameter: string) => {
			const property = nodeNamed(name).description.properties.find(
				(each) => each.name === parameter,
			);
			return Object.fromEntries(
				(property?.options ?? []).map((each) => ('value' in each ? [each.value, each.name] : [])),
			) as Record<string, string>;
		};
		const received = options('conversationOpenedTrigger', 'channel');
		expect(Object.keys(received).sort()).toEqual(channels.map(({ key }) => key).sort());
		for (const { key, displayName } of channels) expect(received[key]).toBe(displayName);
		for (const [key, shown] of Object.entries(options('sendMessage', 'channels'))) {
			expect(shown).toBe(received[key]);
		}
	});

	/**
	 * The editor takes a required parameter for the choice of a way to log in, and hides it, when each of
	 * its options has a credential that is shown by its plain name.
	 */
	test.each(names)('no parameter of %s is hidden as a way to log in', (name) => {
		const { properties } = nodeNamed(name).description;
		for (const { name: parameter, options = [], required } of properties) {
			const served = asked(name).flatMap(
				({ displayOptions }) => (displayOptions?.show?.[parameter] ?? []) as unknown[],
			);
			const values = options.flatMap((each) => ('value' in each ? [each.value] : []));
			const isTaken = values.length > 0 && values.every((value) => served.includes(value));
			expect(isTaken && required === true).toBe(false);
		}
	});
});
