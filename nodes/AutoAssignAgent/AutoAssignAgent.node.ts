import {
	NodeConnectionTypes,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import type { AssignmentStrategy } from '../decisions/contracts';
import { icon, NODE_VERSION } from '../descriptions/common';
import { keywordList } from '../descriptions/lists';
import { conversationIdOf, itemParts } from '../runtime/conversationOfItem';
import { forEachItem } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';
import { storeError } from '../store/errors';
import type {
	AssignConversationInput,
	AssignConversationResult,
} from '../store/operations/assignConversation';
import { parameters } from './parameters';

const OUTPUT = { assigned: 0, queued: 1 };

/** Hands a conversation to a free agent, or lets it wait in the queue for one. */
export class AutoAssignAgent implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Auto-Assign Agent',
		name: 'autoAssignAgent',
		icon: icon('autoAssignAgent'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle: '={{ $parameter["assignTo"] === "agent" ? "one agent" : $parameter["strategy"] }}',
		description: 'Hand a conversation to an available agent, fairly and never beyond capacity',
		defaults: { name: 'Auto-Assign Agent' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Assigned', 'Queued'],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		properties: parameters,
	};

	methods = storeMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const how = { outputs: 2, failedOutput: OUTPUT.queued };
		return await forEachItem(
			this,
			async (item, index, store) => {
				const { id, hint } = await conversationIdOf(this, store, item, index);
				const options = this.getNodeParameter('options', index, {}) as {
					exclude?: string;
					maxOpen?: number;
				};
				const to = poolOf(this, index);
				const result = await store.assignConversation({
					conversationId: id,
					to,
					policy: {
						strategy: this.getNodeParameter('strategy', index, 'roundRobin') as AssignmentStrategy,
						onlyOnline: this.getNodeParameter('onlyOnline', index, true) as boolean,
						maxOpen: options.maxOpen ?? null,
					},
					exclude: keywordList(options.exclude),
					source: 'workflow',
				});
				const queued = result.outcome === 'queued';
				const said =
					hint ?? (queued ? 'No agent is free: the conversation waits in the queue' : '');
				return {
					json: { ...itemParts(result, item), assignment: explanationOf(result) },
					output: queued ? OUTPUT.queued : OUTPUT.assigned,
					...(said ? { hint: said } : {}),
				};
			},
			how,
		);
	}
}

function poolOf(context: IExecuteFunctions, index: number): AssignConversationInput['to'] {
	const kind = context.getNodeParameter('assignTo', index) as AssignConversationInput['to']['kind'];
	if (kind !== 'team' && kind !== 'agent') return { kind };
	const key = context.getNodeParameter(kind, index, '', { extractValue: true });
	if (typeof key !== 'string' || key === '') {
		throw storeError(
			'InvalidInput',
			kind === 'team' ? "'Team' is empty" : "'Agent' is empty",
			`Choose the ${kind} from the list, or give its key`,
		);
	}
	return kind === 'team' ? { kind, team: key } : { kind, agent: key };
}

function explanationOf({
	outcome,
	alreadyAssigned,
	decision,
	conversation,
}: AssignConversationResult) {
	const { assignee } = conversation;
	return {
		outcome,
		alreadyAssigned,
		explanation:
			decision?.explanation ?? `${assignee?.name ?? 'An agent'} had the conversation already`,
		...(decision ?? {}),
	} as unknown as IDataObject;
}
