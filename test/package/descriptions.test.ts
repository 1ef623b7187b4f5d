import '../nodes/support/environment';
import { Workflow, type INodeProperties, type INodePropertyCollection } from 'n8n-workflow';
import {
	filledParameters,
	nodeNamed,
	nodes,
	nodeTypes,
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
		if (description.outputNames) {
			expect(description.outputNames).toHaveLength(description.outputs.length);
		} else expect(description.outputs).toHaveLength(1);
	});
});

describe('the subtitle under a node', () => {
	const subtitles: Record<NodeName, string> = {
		autoAssignAgent: 'roundRobin',
		closeConversation: '',
		conversationEventTrigger: 'assigned',
		conversationOpenedTrigger: 'whatsapp',
		conversationStore: 'upsert: agent',
		enrichContact: 'history, phone, language',
		openConversation: 'email',
		routeToTeam: '0 rules',
		sendMessage: 'text',
	};

	test.each(names)('%s', (name) => {
		const { description } = nodeNamed(name);
		const workflow = new Workflow({
			nodes: [
				{
					id: '1',
					name: 'Node',
					type: `${PACKAGE}.${name}`,
					typeVersion: 1.1,
					position: [0, 0],
					parameters: filledParameters(name, {}),
				},
			],
			connections: {},
			active: false,
			nodeTypes,
		});
		const shown = workflow.expression.getSimpleParameterValue(
			workflow.getNode('Node')!,
			description.subtitle,
			'internal',
			{},
		);
		expect(shown).toBe(subtitles[name]);
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
