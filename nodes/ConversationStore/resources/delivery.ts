import type { INodeProperties } from 'n8n-workflow';
import type { ListDeliveriesInput } from '../../store/operations/deliveryAdministration';
import { listParameters, type OperationCall, type StoreResource } from './resource';

const triggerId: INodeProperties = {
	displayName: 'Trigger ID',
	name: 'triggerId',
	type: 'string',
	default: '',
	placeholder: 'e.g. bUdX2mzqXsJlvNOb:5f0c1e9a-3b7d-4f6e-9c1a-2d8e7b6a5c4d',
	description: 'Only what is owed to this trigger (workflow ID:node ID)',
};

/** The deliveries that Retry and Skip act on. */
const selection: INodeProperties[] = [
	{
		displayName: 'Deliveries',
		name: 'deliveries',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'All That Expired',
				value: 'expired',
				description: 'Their trigger was switched off and did not come back in time',
			},
			{
				name: 'All That Failed',
				value: 'failed',
				description: 'Their executions could not be started',
			},
			{ name: 'One by ID', value: 'one', description: 'A delivery whose ID you give' },
		],
		default: 'one',
		description: 'Which deliveries to act on',
	},
	{
		displayName: 'Delivery ID',
		name: 'deliveryId',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. 01990a1c-6f0e-7d2a-b3c4-5d6e7f8a9b0c',
		displayOptions: { show: { deliveries: ['one'] } },
		description: 'As Get Many and Check Health give it',
	},
	{
		...triggerId,
		displayOptions: { show: { deliveries: ['expired', 'failed'] } },
		description: 'Only what is owed to this trigger (workflow ID:node ID); empty for all triggers',
	},
];

/** What {@link selection} says, where it means many. */
function many(call: OperationCall): { status: 'failed' | 'expired'; subscriptionId?: string } {
	const status = call.text('deliveries') === 'failed' ? 'failed' : 'expired';
	const subscriptionId = call.text('triggerId');
	return { status, ...(subscriptionId === '' ? {} : { subscriptionId }) };
}

/** Executions that are owed to triggers: what became of them, and what to do about those that did not run. */
export const delivery: StoreResource = {
	name: 'Delivery',
	value: 'delivery',
	operations: [
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many deliveries',
			description:
				'Executions that are owed to triggers, the newest first, with what became of them',
			parameters: [
				...listParameters,
				{
					displayName: 'Filters',
					name: 'filters',
					type: 'collection',
					placeholder: 'Add filter',
					default: {},
					options: [
						{
							displayName: 'Status',
							name: 'status',
							type: 'options',
							options: [
								{
									name: 'Claimed',
									value: 'claimed',
									description: 'Their trigger has taken them, and they have not ended',
								},
								{
									name: 'Expired',
									value: 'expired',
									description: 'Their trigger was switched off and did not come back in time',
								},
								{
									name: 'Failed',
									value: 'failed',
									description: 'Their executions could not be started',
								},
								{
									name: 'Pending',
									value: 'pending',
									description: 'Owed, and not yet taken by their trigger',
								},
								{
									name: 'Waiting',
									value: 'waiting',
									description: 'Started; what becomes of the conversation is still watched',
								},
							],
							default: 'failed',
						},
						triggerId,
					],
				},
			],
			async run(call) {
				const filters = call.collection('filters');
				const triggerId = String(filters.triggerId ?? '').trim();
				return await call.list(
					async (page) =>
						await call.store.listDeliveries({
							...page,
							...(filters.status
								? { status: filters.status as NonNullable<ListDeliveriesInput['status']> }
								: {}),
							...(triggerId === '' ? {} : { subscriptionId: triggerId }),
						}),
				);
			},
		},
		{
			name: 'Retry',
			value: 'retry',
			action: 'Retry deliveries',
			description: 'Starts the executions that failed or expired once more',
			parameters: [
				...selection,
				{
					displayName: 'Also When Closed',
					name: 'evenIfClosed',
					type: 'boolean',
					default: false,
					description:
						'Whether to run a flow also for the opening of a conversation that is closed by now',
				},
			],
			async run(call) {
				const how = { evenIfClosed: call.flag('evenIfClosed'), source: 'workflow' };
				if (call.text('deliveries') !== 'one') {
					return { ...(await call.store.retryDeliveries({ ...many(call), ...how })) };
				}
				await call.store.retryDelivery({ id: call.text('deliveryId'), ...how });
				return { retried: 1, triggerGone: 0, conversationClosed: 0 };
			},
		},
		{
			name: 'Skip',
			value: 'skip',
			action: 'Skip deliveries',
			description: 'Settles what failed or expired without running it',
			parameters: selection,
			async run(call) {
				const how = { source: 'workflow' };
				if (call.text('deliveries') !== 'one') {
					return { ...(await call.store.skipDeliveries({ ...many(call), ...how })) };
				}
				await call.store.skipDelivery({ id: call.text('deliveryId'), ...how });
				return { skipped: 1 };
			},
		},
	],
};
