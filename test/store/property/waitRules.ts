import type { Facts } from './facts';

type WaitFact = Facts['waits'] extends Map<string, infer W> ? W : never;

const forAgents = (facts: Facts) =>
	[...facts.waits.values()].filter(({ kind }) => kind === 'assignment');

/** 10: an execution waits for an agent while, and only while, its conversation does. */
export const violationsOfWaits = (facts: Facts): string[] =>
	forAgents(facts).flatMap((wait) => {
		const row = facts.conversations.get(wait.conversation_id);
		if (!row) return [`10: the conversation of the wait ${wait.id} is gone`];
		if (wait.settled_at !== null) return endsAsNothingDid(facts, wait);
		const sleeps = row.status === 'snoozed' && row.assignee_key === null && row.flag === null;
		return row.queue_entered_at !== null || sleeps
			? []
			: [`10: an execution waits for an agent of ${row.id}, which waits for none`];
	});

/** The outcome says what happened at that moment. */
function endsAsNothingDid(facts: Facts, wait: WaitFact): string[] {
	const { outcome, settled_at: at, conversation_id: id } = wait;
	const result = JSON.parse(wait.result ?? '{}') as { agent?: string; reason?: string };
	const events = facts.events.filter((event) => event.conversation_id === id);
	const then = events.filter((event) => event.at === at);
	const fits = () => {
		if (outcome === 'assigned') {
			return then.some(({ type, data }) => type === 'assigned' && data.agent === result.agent);
		}
		if (outcome === 'timedOut') {
			const told = events.some(({ data }) => data.wait === wait.id);
			return wait.deadline <= Number(at) && told;
		}
		if (result.reason === 'closed') return then.some(({ type }) => type === 'closed');
		if (result.reason === 'unassigned' || result.reason === 'assignedElsewhere') {
			return then.some(({ type }) => type === 'unassigned');
		}
		return outcome === 'ended' && result.reason === 'flowGone';
	};
	return fits()
		? []
		: [`10: a wait of ${id} ended as ${outcome} (${result.reason}), and nothing did`];
}

/** A wait ends once, in one way; nothing forgets an execution that waits. */
export const violationsOfWaiting = (before: Facts, now: Facts): string[] =>
	forAgents(before).flatMap((was) => {
		const is = now.waits.get(was.id);
		// What is over for long is removed.
		if (!is) return was.resumed_at === null ? [`11: the wait ${was.id} is gone`] : [];
		const same = is.outcome === was.outcome && is.result === was.result;
		return was.settled_at === null || same
			? []
			: [`10: the wait ${was.id} ended as ${was.outcome}, then as ${is.outcome}`];
	});

/** After the pump has worked: nothing waits beyond its time. */
export const waitsLeftBehind = (facts: Facts, at: number): string[] =>
	[...facts.waits.values()]
		.filter((wait) => wait.settled_at === null && wait.deadline <= at && wait.due_at === null)
		.map(({ id }) => `10: the wait ${id} is over, and the pump has looked`);
