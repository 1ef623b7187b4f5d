import type { INodePropertyOptions } from 'n8n-workflow';

/** What happens to conversations, as an operator chooses from it. */
export const events: INodePropertyOptions[] = [
	{
		name: 'Accepted',
		value: 'accepted',
		description: 'An agent said that the conversation is taken',
	},
	{
		name: 'Answer Received',
		value: 'answer_received',
		description: 'A contact answered a question; it is no Message Received',
	},
	{ name: 'Assigned', value: 'assigned', description: 'An agent got a conversation' },
	{ name: 'Closed', value: 'closed', description: 'A conversation was closed' },
	{
		name: 'Commented',
		value: 'commented',
		description: 'Somebody of the team wrote a note that the contact does not see',
	},
	{
		name: 'Contact Opted In',
		value: 'opted_in',
		description: 'A contact wants messages again',
	},
	{
		name: 'Contact Opted Out',
		value: 'opted_out',
		description: 'A contact wrote STOP, unsubscribed, or blocked the account',
	},
	{
		name: 'Escalated',
		value: 'escalated',
		description: 'It came back from agents too often, and somebody has to look at it',
	},
	{
		name: 'First Response Overdue',
		value: 'first_response_overdue',
		description: 'No person has answered an open conversation in time',
	},
	{
		name: 'Flow Failed',
		value: 'flow_failed',
		description: 'A flow ended and left its conversation with nobody',
	},
	{
		name: 'Message Not Delivered',
		value: 'message_failed',
		description: 'A message that was sent could not be delivered',
	},
	{
		name: 'Message Received',
		value: 'message_received',
		description: 'A contact wrote in an open conversation',
	},
	{
		name: 'Opened',
		value: 'opened',
		description: 'A conversation opened, on any channel, whoever opened it',
	},
	{
		name: 'Question Asked',
		value: 'question_asked',
		description: 'Ask Question asked, for the first time or again',
	},
	{
		name: 'Question Ended',
		value: 'question_ended',
		description: 'It was answered, or will not be',
	},
	{
		name: 'Queue Timed Out',
		value: 'queue_timed_out',
		description: 'It has waited for an agent as long as its flow wanted; it waits on',
	},
	{ name: 'Queued', value: 'queued', description: 'A conversation waits for an agent' },
	{ name: 'Replied', value: 'replied', description: 'The business answered' },
	{ name: 'Routed', value: 'routed', description: 'A team was decided on' },
	{ name: 'Snoozed', value: 'snoozed', description: 'A conversation was put aside for a while' },
	{ name: 'Unassigned', value: 'unassigned', description: 'An agent was taken off' },
	{
		name: 'Unrouted',
		value: 'unrouted',
		description: 'No rule matched, and there was no fallback team',
	},
	{
		name: 'Woken',
		value: 'woken',
		description: 'Its time was over or the contact wrote: it is snoozed no longer',
	},
];
