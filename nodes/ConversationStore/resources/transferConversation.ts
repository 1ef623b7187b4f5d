import { agentParameter, teamParameter, conversationParameters } from '../../descriptions/common';
import { actorParameter, plain, whoDidIt } from './whoDidIt';
import type { StoreOperation } from './resource';

/** Hands a conversation over, with a word to whoever gets it. */
export const transferConversation: StoreOperation = {
	name: 'Transfer',
	value: 'transfer',
	action: 'Transfer a conversation',
	description: 'Hands it over to another agent or team, with a comment for whoever gets it',
	parameters: [
		...conversationParameters,
		{
			displayName: 'Transfer To',
			name: 'transferTo',
			type: 'options',
			options: [
				{
					name: 'Agent',
					value: 'agent',
					description: 'This agent gets it, also above the capacity',
				},
				{
					name: 'Team',
					value: 'team',
					description: 'Whoever of the team is free gets it, or it waits for one',
				},
			],
			default: 'team',
		},
		agentParameter({ required: true, displayOptions: { show: { transferTo: ['agent'] } } }),
		teamParameter({ required: true, displayOptions: { show: { transferTo: ['team'] } } }),
		{
			displayName: 'Comment',
			name: 'transferComment',
			type: 'string',
			typeOptions: { rows: 3 },
			default: '',
			placeholder: 'e.g. Has the invoice already, asks about the refund',
			description: 'What whoever gets it should know; the contact does not see it',
		},
		actorParameter('Transferred By', 'transferredBy', 'The agent who decided it, if a person did'),
	],
	async run(call) {
		const comment = call.text('transferComment');
		return plain(
			await call.store.transferConversation({
				conversationId: await call.conversationId(),
				to:
					call.text('transferTo') === 'agent'
						? { kind: 'agent', agent: call.text('agent') }
						: { kind: 'team', team: call.text('team') },
				...(comment ? { comment } : {}),
				...whoDidIt(call, 'transferredBy'),
			}),
		);
	},
};
