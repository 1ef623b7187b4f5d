import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

/** What our nodes write into items, and take a conversation from: never an argument of a model. */
const OURS = ['conversation', 'contact', 'message', 'delivery'];

/** Outputs of a node that are looked at: none of ours has more, but for one a team. */
const MOST_OUTPUTS = 20;

/**
 * What an AI agent's tool works on, by both ways in which n8n 2.40 runs tools: its engine runs the node
 * with the arguments of the model laid over the agent's item (`requests-response.js`); older agents
 * and other roots call it without any item, and the agent's is where expressions look.
 */
export function itemsOfTool(context: IExecuteFunctions): INodeExecutionData[] {
	const items = context.getInputData();
	if (items.length > 0) {
		return items.map((item, index) =>
			// Set by the engine, after the arguments.
			item.json.toolCallId === undefined ? item : itemOfTool(context, item, index),
		);
	}
	const json: unknown = context.evaluateExpression('{{ $json }}', 0);
	return [{ json: typeof json === 'object' && json !== null ? (json as IDataObject) : {} }];
}

/**
 * n8n lays the arguments of the model over the item whatever their names, also such as no parameter
 * asks for; and what a customer wrote may have talked the model into them. So the conversation is read
 * where the execution had it before the agent: a model can name no other one, but by a parameter that
 * the operator left to it.
 */
export function itemOfTool(
	context: IExecuteFunctions,
	item: INodeExecutionData,
	index: number,
): INodeExecutionData {
	const before = conversationsBefore(context, item, index);
	const named = idOf(item.json);
	const own = before.find((json) => idOf(json) === named) ?? onlyOne(before) ?? {};
	const json: IDataObject = { ...item.json };
	for (const name of OURS) {
		if (own[name] === undefined) delete json[name];
		else json[name] = own[name];
	}
	return { ...item, json };
}

const idOf = (json: IDataObject) => (json.conversation as { id?: unknown } | undefined)?.id;

/** With several there is no telling which of them is meant. */
function onlyOne(items: IDataObject[]): IDataObject | undefined {
	return new Set(items.map(idOf)).size === 1 ? items[0] : undefined;
}

/** Items with a conversation that nodes before the agent gave out, the nearest node first. */
function conversationsBefore(
	context: IExecuteFunctions,
	item: INodeExecutionData,
	index: number,
): IDataObject[] {
	const paired = Array.isArray(item.pairedItem) ? item.pairedItem[0] : item.pairedItem;
	// The node before the agent; in later rounds of the agent, the agent itself.
	const nearest = typeof paired === 'object' ? paired.sourceOverwrite?.previousNode : undefined;
	if (nearest === undefined) return [];
	const names = [nearest, ...context.getParentNodes(nearest).map(({ name }) => name)];
	for (const name of names) {
		const found = outputsOf(context, name, index).filter((json) => typeof idOf(json) === 'string');
		if (found.length > 0) return found;
	}
	return [];
}

interface NodeData {
	isExecuted: boolean;
	all(output: number): INodeExecutionData[];
}

function outputsOf(context: IExecuteFunctions, name: string, index: number): IDataObject[] {
	const proxy = context.getWorkflowDataProxy(index) as unknown as {
		$: (name: string) => NodeData;
	};
	const found: IDataObject[] = [];
	for (let output = 0; output < MOST_OUTPUTS; output++) {
		try {
			const node = proxy.$(name);
			if (!node.isExecuted) return found;
			found.push(...node.all(output).map(({ json }) => json));
		} catch {
			// It has not run, or has no such output: n8n has no other way to say so.
			return found;
		}
	}
	return found;
}
