import { DEFAULT_RETURNS } from '../../../nodes/store/operations/queuePolicy';
import type { EventFact, Facts } from './facts';

/** The most that any policy of these sequences allows, and the policy that nobody chose. */
const MOST_RETURNS = DEFAULT_RETURNS.atMost;

/**
 * 10: nothing goes round for ever. What comes back comes to somebody else; too often, and it is sent
 * on, once; after that nothing but an agent's own word brings it back.
 */
export function violationsOfReturns(facts: Facts): string[] {
	const histories = new Map<string, History>();
	for (const event of facts.events) {
		const id = event.conversation_id;
		if (id === null) continue;
		const history = histories.get(id) ?? new History(id);
		histories.set(id, history);
		history.add(event);
	}
	return [...facts.conversations.values()].flatMap((row) => {
		const history = histories.get(row.id) ?? new History(row.id);
		return [
			...history.violations,
			...(history.returns === row.returns
				? []
				: [`3: ${row.id} came back ${history.returns} times, and counts ${row.returns}`]),
			...(history.escalated === (row.escalated_at !== null)
				? []
				: [`3: ${row.id} is escalated at ${row.escalated_at}, its events tell otherwise`]),
			...(history.isQueuedByReturn && row.first_queued_at !== row.first_assigned_at
				? [`8: ${row.id} came back, and lost the place that it had when it was first assigned`]
				: []),
			...(history.isAnswered && row.reply_due_at !== null
				? [`10: ${row.id} was accepted or answered, and comes back for want of a reply`]
				: []),
		];
	});
}

class History {
	readonly violations: string[] = [];
	returns = 0;
	escalated = false;
	/** Whoever has it has said so, or a person has replied. */
	isAnswered = false;
	/** It waited for the first time when it came back: with the place of who got it first. */
	isQueuedByReturn = false;
	private last: 'returned' | 'queued' | undefined;
	/** From whom it came back; nobody any more once it was sent on. */
	private readonly returnedBy = new Set<string>();

	constructor(private readonly id: string) {}

	add({ type, source, data }: EventFact): void {
		const agent = data.agent ?? '';
		if (type === 'unassigned' && data.returned !== undefined) {
			this.returns++;
			this.last ??= 'returned';
			this.returnedBy.add(agent);
			if (this.escalated && data.returned !== 'declined') {
				this.violations.push(`10: ${this.id} was sent on, and came back: ${data.returned}`);
			}
			if (!this.escalated && this.returns > MOST_RETURNS + 1) {
				this.violations.push(`10: ${this.id} came back ${this.returns} times`);
			}
		} else if (type === 'escalated') {
			if (this.escalated) this.violations.push(`10: ${this.id} was sent on twice`);
			if (data.returns !== this.returns) {
				this.violations.push(`3: ${this.id} was sent on after ${this.returns}, not as told`);
			}
			this.escalated = true;
			this.returnedBy.clear();
		} else if (type === 'assigned' && data.decision && this.returnedBy.has(agent)) {
			this.violations.push(`10: ${this.id} came back from '${agent}', who was given it again`);
		}
		if (type === 'queued') {
			this.isQueuedByReturn ||= this.last === 'returned';
			this.last = 'queued';
		}
		if (type === 'assigned' || type === 'woken') this.isAnswered = false;
		else if (type === 'accepted') this.isAnswered = true;
		// An answer of the flow is nobody's.
		else if (type === 'replied' && source !== 'workflow') this.isAnswered = true;
	}
}

/** After the pump has worked: nothing that was to come back or wake by now is left. */
export const returnsLeftBehind = (facts: Facts, at: number): string[] =>
	[...facts.conversations.values()].flatMap((row) => {
		const since = facts.agents.get(row.assignee_key ?? '')?.absent_since ?? Infinity;
		const from = Math.max(since, row.last_assigned_at ?? 0);
		const isLeft = row.offline_return !== null && from + row.offline_return <= at;
		return [
			...(row.reply_due_at !== null && row.reply_due_at <= at
				? [`10: ${row.id} waits for a reply that is overdue, and the pump has looked`]
				: []),
			...(isLeft ? [`10: ${row.id} is with somebody who is gone, and the pump has looked`] : []),
			...(row.snoozed_until !== null && row.snoozed_until <= at
				? [`10: ${row.id} sleeps longer than it should, and the pump has looked`]
				: []),
		];
	});
