import { conversationParameters } from '../../descriptions/common';
import { actorParameter, plain, whoDidIt } from './whoDidIt';
import type { StoreOperation } from './resource';

/** Lays a conversation aside until later. */
export const snoozeConversation: StoreOperation = {
	name: 'Snooze',
	value: 'snooze',
	action: 'Snooze a conversation',
	description: 'Lays it aside: the agent keeps it and has room for another one meanwhile',
	parameters: [
		...conversationParameters,
		{
			displayName: 'Wake Up At',
			name: 'wakeAt',
			type: 'dateTime',
			default: '',
			description:
				'When it comes back by itself. A message of the contact wakes it earlier; empty waits for that alone.',
		},
		actorParameter('Snoozed By', 'snoozedBy', 'The agent who decided it, if a person did'),
	],
	run: async (call) =>
		plain(
			await call.store.snoozeConversation({
				conversationId: await call.conversationId(),
				until: call.moment('wakeAt', 'Wake Up At'),
				...whoDidIt(call, 'snoozedBy'),
			}),
		),
};
