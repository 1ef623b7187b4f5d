import { agentParameter } from '../../descriptions/common';
import { actorParameter, locator, plain, whoDidIt } from './conversationLocator';
import type { StoreOperation } from './resource';

/** By hand: a decision, where Auto-Assign Agent chooses. */
export const assignConversation: StoreOperation = {
	name: 'Assign',
	value: 'assign',
	action: 'Assign a conversation',
	description: 'Gives it to this agent, also above the capacity. Auto-Assign Agent chooses one.',
	parameters: [
		locator,
		agentParameter({
			required: true,
			description: 'Who gets it. Another agent who has it is free for the next.',
		}),
		actorParameter('Assigned By', 'assignedBy', 'The agent who decided it, if a person did'),
	],
	run: async (call) =>
		plain(
			await call.store.transferConversation({
				conversationId: call.text('conversationId'),
				to: { kind: 'agent', agent: call.text('agent') },
				...whoDidIt(call, 'assignedBy'),
			}),
		),
};
