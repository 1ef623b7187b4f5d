import { conversationParameters } from '../../descriptions/common';
import { actorParameter, plain, whoDidIt } from './whoDidIt';
import type { StoreOperation } from './resource';

/** Takes up what was laid aside. */
export const wakeConversation: StoreOperation = {
	name: 'Wake Up',
	value: 'wake',
	action: 'Wake up a conversation',
	description: 'Ends the snooze: its agent has it again, or it waits again at its place',
	parameters: [
		...conversationParameters,
		actorParameter('Woken By', 'wokenBy', 'The agent who decided it, if a person did'),
	],
	run: async (call) =>
		plain(
			await call.store.wakeConversation({
				conversationId: await call.conversationId(),
				...whoDidIt(call, 'wokenBy'),
			}),
		),
};
