import {
	NodeHelpers,
	Workflow,
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
	type INodeType,
	type INodeTypes,
	type IVersionedNodeType,
} from 'n8n-workflow';
import { AgentLinksTrigger } from '../../../nodes/AgentLinks/AgentLinksTrigger.node';
import { AskQuestion } from '../../../nodes/AskQuestion/AskQuestion.node';
import { AutoAssignAgent } from '../../../nodes/AutoAssignAgent/AutoAssignAgent.node';
import { CloseConversation } from '../../../nodes/CloseConversation/CloseConversation.node';
import { ConversationEventTrigger } from '../../../nodes/ConversationEvent/ConversationEventTrigger.node';
import { ConversationOpenedTrigger } from '../../../nodes/ConversationOpened/ConversationOpenedTrigger.node';
import { ConversationStore } from '../../../nodes/ConversationStore/ConversationStore.node';
import { EnrichContact } from '../../../nodes/EnrichContact/EnrichContact.node';
import { OpenConversation } from '../../../nodes/OpenConversation/OpenConversation.node';
import { RouteToTeam } from '../../../nodes/RouteToTeam/RouteToTeam.node';
import { SendMessage } from '../../../nodes/SendMessage/SendMessage.node';

export const PACKAGE = 'n8n-nodes-inbound-conversations';

export const nodes = {
	agentLinksTrigger: new AgentLinksTrigger(),
	askQuestion: new AskQuestion(),
	autoAssignAgent: new AutoAssignAgent(),
	closeConversation: new CloseConversation(),
	conversationEventTrigger: new ConversationEventTrigger(),
	conversationOpenedTrigger: new ConversationOpenedTrigger(),
	conversationStore: new ConversationStore(),
	enrichContact: new EnrichContact(),
	openConversation: new OpenConversation(),
	routeToTeam: new RouteToTeam(),
	sendMessage: new SendMessage(),
} satisfies Record<string, INodeType>;

export type NodeName = keyof typeof nodes;

export function nodeNamed(name: string): INodeType {
	const node = (nodes as Record<string, INodeType>)[name];
	if (!node) throw new Error(`The package has no node '${name}'`);
	return node;
}

/** `package.name`, and `package.nameTool` for the variant that n8n derives for AI agents. */
function byType(type: string): INodeType {
	const name = type.slice(PACKAGE.length + 1);
	return nodeNamed(name.endsWith('Tool') ? name.slice(0, -'Tool'.length) : name);
}

export const nodeTypes: INodeTypes = {
	getByName: (type): INodeType | IVersionedNodeType => byType(type),
	getByNameAndVersion: (type) => byType(type),
	getKnownTypes: () => ({}),
};

/**
 * The parameters as n8n would hand them over, defaults filled in.
 *
 * @throws Error for a name that the description does not have or does not show with these values
 */
export function filledParameters(name: NodeName, given: INodeParameters): INodeParameters {
	const { description } = nodeNamed(name);
	const unknown = unknownNames(description.properties, given, name);
	if (unknown.length > 0) throw new Error(`No such parameter: ${unknown.join(', ')}`);
	const filled =
		NodeHelpers.getNodeParameters(
			description.properties,
			given,
			true,
			false,
			{ typeVersion: description.version as number },
			description,
		) ?? {};
	const hidden = Object.keys(given).filter((key) => !(key in filled));
	if (hidden.length > 0) throw new Error(`Not shown with these values: ${hidden.join(', ')}`);
	return filled;
}

/** The names of a node's outputs as the editor shows them; those that are worked out included. */
export function outputsOf(name: NodeName, given: INodeParameters = {}): string[] {
	const { description } = nodeNamed(name);
	const node: INode = {
		...{ id: '1', name: 'Node', type: `${PACKAGE}.${name}`, position: [0, 0] },
		typeVersion: description.version as number,
		parameters: filledParameters(name, given),
	};
	const nodes = [node];
	const workflow = new Workflow({ nodes, connections: {}, active: false, nodeTypes });
	return NodeHelpers.getNodeOutputs(workflow, node, description).map((output, index) =>
		typeof output === 'string'
			? (description.outputNames?.[index] ?? '')
			: (output.displayName ?? ''),
	);
}

/** What the editor would mark red. */
export function parameterIssues(name: NodeName, node: INode) {
	const { description } = nodeNamed(name);
	return NodeHelpers.getNodeParametersIssues(description.properties, node, description)?.parameters;
}

/** A node asks only for parameters that its description has. */
export function requireParameter(name: NodeName, path: string): void {
	const [top] = path.split('.');
	const { properties } = nodeNamed(name).description;
	if (!properties.some((property) => property.name === top)) {
		throw new Error(`${name} asks for the parameter '${path}', which its description has not`);
	}
}

function unknownNames(
	properties: INodeProperties[],
	values: INodeParameters,
	where: string,
): string[] {
	return Object.entries(values).flatMap(([key, value]) => {
		const same = properties.filter((property) => property.name === key);
		const path = `${where}.${key}`;
		const problems = same.map((property) => unknownInside(property, value, path));
		// Operations may each have a parameter of this name, with options of its own.
		return problems.find((found) => found.length === 0) ?? problems[0] ?? [path];
	});
}

function unknownInside(property: INodeProperties, value: unknown, where: string): string[] {
	const inner = value as INodeParameters;
	if (property.type === 'collection') {
		return unknownNames(property.options as INodeProperties[], inner, where);
	}
	if (property.type === 'fixedCollection') {
		return unknownInGroups(property.options as INodePropertyCollection[], inner, where);
	}
	return [];
}

function unknownInGroups(
	groups: INodePropertyCollection[],
	values: INodeParameters,
	where: string,
): string[] {
	return Object.entries(values).flatMap(([key, rows]) => {
		const group = groups.find(({ name }) => name === key);
		if (!group) return [`${where}.${key}`];
		return [rows].flat().flatMap((row) => {
			return unknownNames(group.values, row as INodeParameters, `${where}.${key}`);
		});
	});
}
