import {
	NodeConnectionTypes,
	type IDataObject,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type ITriggerResponse,
} from 'n8n-workflow';
import { icon, NODE_VERSION } from '../descriptions/common';
import { defaultInFlight, emitDeliveries, emitWhenThere } from '../runtime/emitting';
import { nodeFailure } from '../runtime/failures';
import { storeMethods } from '../runtime/methods';
import { storeOfNode } from '../runtime/storeOfNode';
import type { EventFilter } from '../store/eventFilter';
import type { SubscriberInput } from '../store/operations/subscriptions';
import type { ConversationStore } from '../store/store';
import { filterOf } from './filter';
import { parameters } from './parameters';

/** Tells other flows what happens to conversations, whoever did it. */
export class ConversationEventTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Conversation Event Trigger',
		name: 'conversationEventTrigger',
		icon: icon('conversationEvent'),
		group: ['trigger'],
		version: NODE_VERSION,
		subtitle: '={{ $parameter["events"].join(", ").replaceAll("_", " ") }}',
		description:
			'Starts a flow when something happens to a conversation: assigned, closed, queued, overdue, …',
		eventTriggerDescription: 'Waiting for the next event of this store',
		defaults: { name: 'Conversation Event' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		properties: parameters,
	};

	methods = storeMethods;

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		try {
			const store = await storeOfNode(this);
			const filter = filterOf(this);
			if (this.getMode() === 'manual') return nextOf(this, store, filter);
			const subscriber: SubscriberInput = {
				kind: 'event',
				workflowId: String(this.getWorkflow().id),
				nodeId: this.getNode().id,
				filter,
				isTest: false,
			};
			return await emitDeliveries(this, store, subscriber, defaultInFlight());
		} catch (error) {
			throw nodeFailure(this.getNode(), error);
		}
	}
}

/** A test run gives the next event, of real conversations or of test ones; it takes none from anybody. */
function nextOf(
	context: ITriggerFunctions,
	store: ConversationStore,
	filter: EventFilter,
): ITriggerResponse {
	const places = [store, store.forTests()];
	const since = store.clock();
	return emitWhenThere(context, async () => {
		for (const place of places) {
			const item = await place.nextEvent({ filter, since });
			if (item) return item as unknown as IDataObject;
		}
		return undefined;
	});
}
