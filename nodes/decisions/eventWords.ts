import { EventParts, type EventNames, type RecordedEvent } from './eventParts';

/**
 * An event in one or a few plain sentences, for whoever reads the history of a conversation. Never
 * holds what a contact wrote, nor what a provider said: only words of operators, agents and this pack.
 */
export function describeEvent(event: RecordedEvent, names: EventNames): string {
	const say = new EventParts(event, names);
	return SENTENCES[event.type]?.(say) ?? `${upper(event.type.replace(/_/g, ' '))}${say.by()}.`;
}

const SENTENCES: Record<string, (say: EventParts) => string> = {
	opened(say) {
		const which = say.number('ordinal');
		const count = which > 1 ? `: conversation ${which} of this contact` : '';
		return `Opened${say.by()}${say.on()}${count}.`;
	},
	question_asked(say) {
		const time = say.number('time');
		return time > 1 ? `The question was asked for time ${time}.` : 'A question was asked.';
	},
	answer_received: () => 'The contact answered the question.',
	question_ended(say) {
		const outcomes: Record<string, string> = {
			answered: 'The answer was good.',
			invalid: 'No answer was good: the question is over.',
			timedOut: 'Nobody answered the question in time.',
			ended: 'The question is over.',
		};
		return say.among(outcomes, 'outcome', 'The question is over.') + say.ended();
	},
	replied: (say) =>
		say.flag('elsewhere') ? `Answered elsewhere${say.on()}.` : `Answered${say.on()}.`,
	enriched(say) {
		const intent = say.text('intent');
		const learned = [
			...say.words('fields'),
			...say.words('tags').map((tag) => `tag ${tag}`),
			...(intent === null ? [] : [`intent ${intent}`]),
		];
		return learned.length === 0
			? 'The contact was looked at.'
			: `Learned of the contact: ${listed(learned)}.`;
	},
	routed(say) {
		const team = say.key('team');
		const to = team === null ? 'Routed to no team' : `Routed to ${say.team(team)}`;
		const how = say.routing();
		return how === null ? say.because(`${to}${say.by()}`) : `${to}${how}.`;
	},
	unrouted: () => 'No rule decided on a team.',
	queued: (say) => say.because(`Waits in the queue${say.ofTeam()}`) + say.shadow(),
	queue_timed_out: () => 'Its flow has stopped waiting for an agent; it waits on in the queue.',
	assigned: (say) =>
		say.because(`Assigned to ${say.whom()}${say.inTeam()}${say.unlessQueue()}`) +
		say.waited() +
		say.shadow(),
	accepted: (say) => `${say.someone()} took the conversation.`,
	unassigned(say) {
		const agent = say.key('agent');
		return say.because(
			agent === null
				? `Taken off its agent${say.by()}`
				: `Taken off ${say.agent(agent)}${say.by()}`,
		);
	},
	escalated(say) {
		const team = say.key('to');
		return say.because(team === null ? 'Escalated' : `Escalated to ${say.team(team)}`);
	},
	snoozed: (say) => `Snoozed${say.by()} ${say.until()}.`,
	woken: (say) =>
		say.because(`Woke${say.by()}`) +
		(say.flag('overCapacity') ? ' Its agent has more than the capacity now.' : ''),
	first_response_overdue: () => 'Nobody has replied yet, and the time for it is over.',
	closed(say) {
		const category = say.text('category');
		return `Closed${say.by()}${category === null ? '' : `, category ${category}`}.`;
	},
	reopened: (say) => `Opened again${say.by()}.`,
	message_failed(say) {
		const code = say.code();
		return `A message could not be delivered${code === null ? '' : ` (code ${code})`}.`;
	},
	opted_out: (say) => `The contact wants no more messages${say.on()}.`,
	opted_in: (say) => `The contact wants messages again${say.on()}.`,
	flow_failed(say) {
		const outcomes: Record<string, string> = {
			retry: 'its flow runs again.',
			queue: 'it goes to the queue.',
			flag: 'a person should look at it.',
		};
		return `The flow ended and left it to nobody: ${say.among(outcomes, 'action', 'a person should look at it.')}`;
	},
	availability_changed: (say) => `${say.someone()} is ${say.text('to') ?? 'elsewhere'} now.`,
	contact_blocked: () => 'The contact was blocked.',
	contact_erased: () => 'The contact was erased.',
	delivery_retried: (say) => `A trigger was told again${say.by()}.`,
	delivery_skipped: (say) => `A trigger is not told any more${say.by()}.`,
};

const LISTED = 10;

function listed(words: string[]): string {
	const more = words.length - LISTED;
	return words.slice(0, LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
