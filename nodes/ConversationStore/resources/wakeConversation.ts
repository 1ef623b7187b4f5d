import { actorParameter, locator, plain, whoDidIt } from './conversationLocator';
import type { StoreOperation } from './resource';

/** Takes up what was laid aside. */
export const wakeConversation: StoreOperation = {
	name: 'Wake Up',
	value: 'wake',
	action: 'Wake up a conversation',
	description: 'Ends the snooze: its agent has it again, or it waits again at its place',
	parameters: [
		locator,
		actorParameter('Woken By', 'wokenBy', 'The agent who decided it, if a person did'),
	],
	run: async (call) =>
		plain(
			await call.store.wakeConversation({
				conversationId: call.text('conversationId'),
				...whoDidIt(call, 'wokenBy'),
			}),
		),
};
