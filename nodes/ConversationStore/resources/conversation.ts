import { agentParameter, teamParameter, conversationParameters } from '../../descriptions/common';
import type { ListConversationsInput } from '../../store/operations/find';
import { acceptConversation } from './acceptConversation';
import { assignConversation } from './assignConversation';
import { compareShadow } from './compareShadow';
import { plain, whoDidIt } from './whoDidIt';
import { declineConversation } from './declineConversation';
import { replayAssignment } from './replayAssignment';
import { replayRouting } from './replayRouting';
import { listParameters, locatorValue, type StoreResource } from './resource';
import { snoozeConversation } from './snoozeConversation';
import { transferConversation } from './transferConversation';
import { wakeConversation } from './wakeConversation';

/** Conversations for whoever manages them. */
export const conversation: StoreResource = {
	name: 'Conversation',
	value: 'conversation',
	// What saved workflows mean that name none.
	defaultOperation: 'addComment',
	operations: [
		acceptConversation,
		{
			name: 'Add Comment',
			value: 'addComment',
			action: 'Add a comment to a conversation',
			description: 'A note that the contact does not see; Chatwoot and respond.io show it, too',
			parameters: [
				...conversationParameters,
				{
					displayName: 'Comment',
					name: 'comment',
					type: 'string',
					typeOptions: { rows: 3 },
					default: '',
					required: true,
					placeholder: 'e.g. Asked for a refund twice this month',
					description: 'What your team should know',
				},
				agentParameter({
					displayName: 'Written By',
					name: 'commentActor',
					description: 'The agent whose words these are, if it is a person',
				}),
			],
			run: async (call) =>
				plain(
					await call.store.addComment({
						conversationId: await call.conversationId(),
						text: call.text('comment'),
						...whoDidIt(call, 'commentActor'),
					}),
				),
		},
		assignConversation,
		compareShadow,
		declineConversation,
		{
			name: 'Get',
			value: 'get',
			action: 'Get a conversation',
			description: 'A conversation with its contact and first message',
			parameters: [...conversationParameters],
			run: async (call) => plain(await call.store.getConversation(await call.conversationId())),
		},
		{
			name: 'Get History',
			value: 'history',
			action: 'Get history of a conversation',
			description: 'Messages and events in the order in which they happened, with the reasons',
			parameters: [...conversationParameters],
			run: async (call) =>
				(await call.store.conversationHistory(await call.conversationId())).map((entry) =>
					plain(entry),
				),
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many conversations',
			description: 'Conversations, the newest first',
			parameters: [
				...listParameters,
				{
					displayName: 'Filters',
					name: 'filters',
					type: 'collection',
					placeholder: 'Add filter',
					default: {},
					options: [
						agentParameter({ displayName: 'Assignee' }),
						{
							displayName: 'Opened After',
							name: 'openedFrom',
							type: 'dateTime',
							default: '',
						},
						{
							displayName: 'Status',
							name: 'status',
							type: 'options',
							options: [
								{ name: 'Closed', value: 'closed' },
								{ name: 'Open', value: 'open' },
								{ name: 'Queued', value: 'queued', description: 'Waits for an agent' },
								{ name: 'Snoozed', value: 'snoozed', description: 'Laid aside until later' },
								{ name: 'Unassigned', value: 'unassigned', description: 'Open, and nobody has it' },
							],
							default: 'open',
						},
						teamParameter(),
					],
				},
			],
			async run(call) {
				const filters = call.collection('filters');
				const assignee = locatorValue(filters.agent);
				const team = locatorValue(filters.team);
				const from = Date.parse(String(filters.openedFrom ?? ''));
				return await call.list(
					async (page) =>
						await call.store.listConversations({
							...page,
							...(filters.status
								? { status: filters.status as NonNullable<ListConversationsInput['status']> }
								: {}),
							...(team ? { team } : {}),
							...(assignee ? { assignee } : {}),
							...(Number.isNaN(from) ? {} : { openedFrom: from }),
						}),
				);
			},
		},
		replayAssignment,
		replayRouting,
		snoozeConversation,
		transferConversation,
		{
			name: 'Unassign',
			value: 'unassign',
			action: 'Unassign a conversation',
			description: 'Takes the agent off and frees the capacity',
			parameters: [
				...conversationParameters,
				{
					displayName: 'Put Back in the Queue',
					name: 'requeue',
					type: 'boolean',
					default: true,
					description:
						'Whether the next free agent gets it, with the place in the queue that it had. Otherwise it waits for a person.',
				},
			],
			run: async (call) =>
				plain(
					await call.store.unassignConversation({
						conversationId: await call.conversationId(),
						requeue: call.flag('requeue'),
						reason: 'unassigned by workflow',
						source: 'workflow',
					}),
				),
		},
		wakeConversation,
	],
};
