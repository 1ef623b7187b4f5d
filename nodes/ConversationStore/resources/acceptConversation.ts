import { agentParameter } from '../../descriptions/common';
import { locator, plain, spokenBy } from './conversationLocator';
import type { StoreOperation } from './resource';

/** The agent takes on what was assigned. */
export const acceptConversation: StoreOperation = {
	name: 'Accept',
	value: 'accept',
	action: 'Accept a conversation',
	description: 'The agent takes it on: it no longer goes back to the queue for want of a reply',
	parameters: [
		locator,
		agentParameter({ required: true, description: 'The agent who has the conversation' }),
	],
	run: async (call) =>
		plain(
			await call.store.acceptConversation({
				conversationId: call.text('conversationId'),
				...spokenBy(call),
			}),
		),
};
