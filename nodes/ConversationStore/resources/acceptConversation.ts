import { agentParameter, conversationParameters } from '../../descriptions/common';
import { plain, spokenBy } from './whoDidIt';
import type { StoreOperation } from './resource';

/** The agent takes on what was assigned. */
export const acceptConversation: StoreOperation = {
	name: 'Accept',
	value: 'accept',
	action: 'Accept a conversation',
	description: 'The agent takes it on: it no longer goes back to the queue for want of a reply',
	parameters: [
		...conversationParameters,
		agentParameter({ required: true, description: 'The agent who has the conversation' }),
	],
	run: async (call) =>
		plain(
			await call.store.acceptConversation({
				conversationId: await call.conversationId(),
				...spokenBy(call),
			}),
		),
};
