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
import type { SubscriberInput } from '../store/operations/subscriptions';
import type { ConversationStore } from '../store/store';

/** Tells other flows what happens to conversations, whoever did it. */
export class ConversationEventTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Conversation Event Trigger',
		name: 'conversationEventTrigger',
		icon: icon('conversationEvent'),
		group: ['trigger'],
		version: NODE_VERSION,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'Starts a flow when a conversation is assigned, closed, queued, or its flow failed',
		eventTriggerDescription: 'Waiting for the next event of this store',
		defaults: { name: 'Conversation Event' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		properties: [
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				required: true,
				options: [
					{
						name: 'Answer Received',
						value: 'answer_received',
						description: 'A contact answered a question; it is no Message Received',
					},
					{ name: 'Assigned', value: 'assigned', description: 'An agent got a conversation' },
					{ name: 'Closed', value: 'closed', description: 'A conversation was closed' },
					{
						name: 'Commented',
						value: 'commented',
						description: 'Somebody of the team wrote a note that the contact does not see',
					},
					{
						name: 'Contact Opted In',
						value: 'opted_in',
						description: 'A contact wants messages again',
					},
					{
						name: 'Contact Opted Out',
						value: 'opted_out',
						description: 'A contact wrote STOP, unsubscribed, or blocked the account',
					},
					{
						name: 'Flow Failed',
						value: 'flow_failed',
						description: 'A flow ended and left its conversation with nobody',
					},
					{
						name: 'Message Not Delivered',
						value: 'message_failed',
						description: 'A message that was sent could not be delivered',
					},
					{
						name: 'Message Received',
						value: 'message_received',
						description: 'A contact wrote in an open conversation',
					},
					{ name: 'Opened', value: 'opened', description: 'A conversation opened, on any channel' },
					{
						name: 'Question Asked',
						value: 'question_asked',
						description: 'Ask Question asked, for the first time or again',
					},
					{
						name: 'Question Ended',
						value: 'question_ended',
						description: 'It was answered, or will not be',
					},
					{ name: 'Queued', value: 'queued', description: 'A conversation waits for an agent' },
					{ name: 'Replied', value: 'replied', description: 'The business answered' },
					{ name: 'Routed', value: 'routed', description: 'A team was decided on' },
					{ name: 'Unassigned', value: 'unassigned', description: 'An agent was taken off' },
					{
						name: 'Unrouted',
						value: 'unrouted',
						description: 'No rule matched, and there was no fallback team',
					},
				],
				default: ['assigned'],
				description: 'What to listen for',
			},
		],
	};

	methods = storeMethods;

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		try {
			const store = await storeOfNode(this);
			const events = this.getNodeParameter('events') as string[];
			if (this.getMode() === 'manual') return nextOf(this, store, events);
			const subscriber: SubscriberInput = {
				kind: 'event',
				workflowId: String(this.getWorkflow().id),
				nodeId: this.getNode().id,
				filter: { events },
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
	types: string[],
): ITriggerResponse {
	const places = [store, store.forTests()];
	const since = store.clock();
	return emitWhenThere(context, async () => {
		for (const place of places) {
			const item = await place.nextEvent({ types, since });
			if (item) return item as unknown as IDataObject;
		}
		return undefined;
	});
}
