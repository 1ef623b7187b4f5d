import {
	NodeConnectionTypes,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { decideRoute } from '../decisions/routing';
import { icon, NODE_VERSION } from '../descriptions/common';
import { conversationIdOf, itemParts, messageOf } from '../runtime/conversationOfItem';
import { forEachItem } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';
import { storeError } from '../store/errors';
import { parameters } from './parameters';
import { factsOf, readRule, type RuleForm } from './rules';

const OUTPUT = { routed: 0, unrouted: 1 };

/** Decides which team is responsible. The decision travels with the conversation. */
export class RouteToTeam implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Route to Team',
		name: 'routeToTeam',
		icon: icon('routeToTeam'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle: '={{ ($parameter["rules"].values || []).length + " rules" }}',
		description: 'Decide which team a conversation goes to',
		defaults: { name: 'Route to Team' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Routed', 'Unrouted'],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		properties: parameters,
	};

	methods = storeMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const how = { outputs: 2, failedOutput: OUTPUT.unrouted };
		return await forEachItem(
			this,
			async (item, index, store) => {
				const { id, hint } = await conversationIdOf(this, store, item, index);
				const forms = this.getNodeParameter('rules.values', index, []) as RuleForm[];
				const rules = forms.map(readRule);
				const nameless = rules.findIndex(({ team }) => team === '');
				if (nameless >= 0) {
					throw storeError(
						'InvalidInput',
						`Rule ${nameless + 1} has no team`,
						"Choose the rule's team from the list",
					);
				}
				const fallback = this.getNodeParameter('fallbackTeam', index, '', { extractValue: true });
				const { dryRun } = this.getNodeParameter('options', index, {}) as { dryRun?: boolean };
				const known = await store.getConversation(id);
				const facts = factsOf({ ...known, message: messageOf(known, item) });
				const decision = decideRoute(rules, facts, fallback ? String(fallback) : null);
				const after = dryRun
					? known
					: await store.routeConversation({
							conversationId: known.conversation.id,
							decision,
							source: 'workflow',
						});
				const route = { ...decision, dryRun: dryRun === true } as unknown as IDataObject;
				return {
					json: { ...itemParts(after, item), route },
					output: decision.team === null ? OUTPUT.unrouted : OUTPUT.routed,
					...(hint ? { hint } : {}),
				};
			},
			how,
		);
	}
}
