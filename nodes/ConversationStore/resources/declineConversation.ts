import { agentParameter, conversationParameters } from '../../descriptions/common';
import { plain, spokenBy } from './whoDidIt';
import type { StoreOperation } from './resource';

/** The agent gives back what was assigned. */
export const declineConversation: StoreOperation = {
	name: 'Decline',
	value: 'decline',
	action: 'Decline a conversation',
	description: 'The agent gives it back: the next agent gets it, with its place in the queue',
	parameters: [
		...conversationParameters,
		agentParameter({ required: true, description: 'The agent who has the conversation' }),
		{
			displayName: 'Reason',
			name: 'reason',
			type: 'string',
			default: '',
			placeholder: 'e.g. Needs somebody who speaks Arabic',
			description: 'Why the agent does not take it; shown in the history',
		},
	],
	async run(call) {
		const reason = call.text('reason');
		return plain(
			await call.store.declineConversation({
				conversationId: await call.conversationId(),
				...(reason ? { reason } : {}),
				...spokenBy(call),
			}),
		);
	},
};
