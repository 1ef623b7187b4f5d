/** An event of a conversation as it was written down. */
export interface RecordedEvent {
	type: string;
	/** contact, user, workflow, api, queue, system … */
	source: string;
	/** Who in particular, where known. */
	actor: string | null;
	data: Record<string, unknown>;
}

/** What agents and teams are called now; the key of one that is gone. */
export interface EventNames {
	agent(key: string): string;
	team(key: string): string;
}

/** What others wrote (a reason, a category) is cut, so that a line of the history stays a line. */
const LONGEST_WORDS = 600;
const LONGEST_NAME = 80;

const SOURCES: Record<string, string> = {
	contact: 'by the contact',
	user: 'by a person',
	workflow: 'by a workflow',
	api: 'by another system',
	ai_agent: 'by an AI agent',
	auto_close: 'since nobody wrote for a while',
	merge: 'since two contacts were merged',
	queue: 'by the queue',
	system: '',
	timer: '',
};

const STRATEGIES: Record<string, string> = {
	roundRobin: 'round robin',
	leastOpen: 'least open',
	lowestLoad: 'lowest load',
	longestIdle: 'longest idle',
};

/** Reasons that are stored as one word. */
const REASONS: Record<string, string> = {
	rerouted: 'it was routed to another team',
};

const ENDS: Record<string, string> = {
	assignedElsewhere: ' An agent has the conversation.',
	closed: ' The conversation was closed.',
	personReplied: ' A person replied.',
	alreadyReplied: ' A person had replied already.',
	flowGone: ' Its flow is gone.',
	erased: ' The contact was erased.',
};

/** Parts of a sentence, out of what an event holds: whatever is missing or odd says nothing. */
export class EventParts {
	constructor(
		private readonly event: RecordedEvent,
		private readonly names: EventNames,
	) {}

	text(name: string): string | null {
		const value = this.event.data[name];
		return typeof value === 'string' && value.trim() !== '' ? cut(value, LONGEST_NAME) : null;
	}

	/** Not cut: it is looked up. */
	key(name: string): string | null {
		const value = this.event.data[name];
		return typeof value === 'string' && value !== '' ? value : null;
	}

	number(name: string): number {
		const value = this.event.data[name];
		return typeof value === 'number' && Number.isFinite(value) ? value : 0;
	}

	flag(name: string): boolean {
		return this.event.data[name] === true;
	}

	words(name: string): string[] {
		const value = this.event.data[name];
		if (!Array.isArray(value)) return [];
		return value.flatMap((each) => (typeof each === 'string' ? cut(each, LONGEST_NAME) : []));
	}

	among(sentences: Record<string, string>, name: string, otherwise: string): string {
		return sentences[String(this.event.data[name])] ?? otherwise;
	}

	agent(key: string): string {
		return cut(this.names.agent(key), LONGEST_NAME);
	}

	team(key: string): string {
		return `team ${cut(this.names.team(key), LONGEST_NAME)}`;
	}

	/** The agent that the event is about, or who did it. */
	someone(): string {
		const key = this.key('agent') ?? this.event.actor;
		return key === null ? 'An agent' : this.agent(key);
	}

	whom(): string {
		const key = this.key('agent');
		return key === null ? 'an agent' : this.agent(key);
	}

	inTeam(): string {
		const team = this.key('team');
		return team === null ? '' : ` (${this.team(team)})`;
	}

	ofTeam(): string {
		const team = this.key('team');
		return team === null ? '' : ` of ${this.team(team)}`;
	}

	on(): string {
		const channel = this.text('channel');
		return channel === null ? '' : ` on ${channel}`;
	}

	/** " by Sara", " by a workflow"; the source comes first where nobody in particular is known. */
	by(): string {
		const { source, actor } = this.event;
		if (actor !== null && source === 'user') return ` by ${this.agent(actor)}`;
		const words = SOURCES[source] ?? `by ${cut(source, LONGEST_NAME)}`;
		return words === '' ? '' : ` ${words}`;
	}

	/** Assigning is what the queue and flows do: only somebody else is worth a word. */
	unlessQueue(): string {
		return ['queue', 'workflow', 'system'].includes(this.event.source) ? '' : this.by();
	}

	/** With what the decision said, or the reason that was given. */
	because(sentence: string): string {
		const explanation = field(this.event.data.decision, 'explanation');
		const reason = explanation ?? this.key('reason');
		if (reason === null) return `${sentence}.`;
		const words = cut(REASONS[reason] ?? reason, LONGEST_WORDS);
		return `${sentence}: ${words}${/[.!?…。؟]$/u.test(words) ? '' : '.'}`;
	}

	waited(): string {
		const waited = this.number('waitedMs');
		return waited >= 1000 ? ` It waited ${duration(waited)}.` : '';
	}

	/** By what it was routed: in words of our own, since reasons may tell what a contact has said. */
	routing(): string | null {
		const { decision } = this.event.data;
		const via = field(decision, 'via');
		const rule = field(decision, 'ruleName');
		if (via === 'rule')
			return rule === null ? ' by a rule' : ` by the rule ${cut(rule, LONGEST_NAME)}`;
		if (via === 'sticky') return ', where the contact was before';
		return via === 'fallback' ? ', since no rule matched' : null;
	}

	until(): string {
		const { until } = this.event.data;
		const time = typeof until === 'string' ? Date.parse(until) : until;
		if (typeof time !== 'number' || !Number.isFinite(new Date(time).getTime())) {
			return 'until the contact writes';
		}
		return `until ${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
	}

	ended(): string {
		return ENDS[String(this.event.data.reason)] ?? '';
	}

	/** Providers' codes are numbers or single words; what else they say may repeat the message. */
	code(): string | null {
		const { code } = this.event.data;
		return /^[\w.-]{1,40}$/.test(String(code ?? '')) ? String(code) : null;
	}

	/** What another policy, which was asked beside, would have done. */
	shadow(): string {
		const { shadow } = this.event.data;
		if (typeof shadow !== 'object' || shadow === null) return '';
		if (!('agrees' in shadow) || shadow.agrees !== false) return '';
		const strategy = STRATEGIES[field(shadow, 'strategy') ?? ''] ?? 'another policy';
		const chosen = 'chosen' in shadow ? field(shadow.chosen, 'name') : null;
		return chosen === null
			? ` By ${strategy} it would wait.`
			: ` By ${strategy} it would be ${cut(chosen, LONGEST_NAME)}.`;
	}
}

/** A text in an object that came out of the store, where anything may be. */
function field(object: unknown, name: string): string | null {
	if (typeof object !== 'object' || object === null) return null;
	const value = (object as Record<string, unknown>)[name];
	return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** On one line, and not longer than so many letters. */
function cut(text: string, longest: number): string {
	const line = text.trim().replace(/\s+/gu, ' ');
	if (line.length <= longest) return line;
	const letters = Array.from(line);
	return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : line;
}

/** "40 seconds", "3 minutes", "2 hours 5 minutes", "3 days": as exact as somebody reads it. */
export function duration(milliseconds: number): string {
	const seconds = Math.round(milliseconds / 1000);
	if (seconds < 60) return many(seconds, 'second');
	const minutes = Math.round(seconds / 60);
	if (minutes < 60) return many(minutes, 'minute');
	const hours = Math.floor(minutes / 60);
	if (hours >= 48) return many(Math.round(hours / 24), 'day');
	return minutes % 60 === 0
		? many(hours, 'hour')
		: `${many(hours, 'hour')} ${many(minutes % 60, 'minute')}`;
}

const many = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;
