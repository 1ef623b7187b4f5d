import { agentParameter, conversationParameters } from '../../descriptions/common';
import { actorParameter, plain, whoDidIt } from './whoDidIt';
import type { StoreOperation } from './resource';

/** By hand: a decision, where Auto-Assign Agent chooses. */
export const assignConversation: StoreOperation = {
	name: 'Assign',
	value: 'assign',
	action: 'Assign a conversation',
	description: 'Gives it to this agent, also above the capacity. Auto-Assign Agent chooses one.',
	parameters: [
		...conversationParameters,
		agentParameter({
			required: true,
			description: 'Who gets it. Another agent who has it is free for the next.',
		}),
		actorParameter('Assigned By', 'assignedBy', 'The agent who decided it, if a person did'),
	],
	run: async (call) =>
		plain(
			await call.store.transferConversation({
				conversationId: await call.conversationId(),
				to: { kind: 'agent', agent: call.text('agent') },
				...whoDidIt(call, 'assignedBy'),
			}),
		),
};
