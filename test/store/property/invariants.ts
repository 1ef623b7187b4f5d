import type { EventFilter } from '../../../nodes/store/eventFilter';
import type { OpenedFilter } from '../../../nodes/store/operations/conversations';
import { candidatesFor, isAhead, isHeld, mayTake, poolOf, sameQueue, wishOf } from './choice';
import type { Command, Said } from './command';
import { openOnes, type EventFact, type Facts } from './facts';
import { presenceLeftBehind, violationsOfPresence } from './presence';
import { returnsLeftBehind, violationsOfReturns } from './returnRules';
import { violationsOfWaiting, violationsOfWaits, waitsLeftBehind } from './waitRules';

/**
 * The invariants of design/store.md as rules over what the tables say. Each returns its violations in
 * words that begin with the invariant's number; none is what is expected. Rules that SQL says better
 * are in ../support/consistency.ts (1, 2, 3, 5, 8, 9). 11 is kept by reading through another client
 * what was acknowledged, and by processes.test.ts; 12 by plans.test.ts.
 */
export type Violations = string[];

/** What holds of any state. */
export function violationsOfState(facts: Facts): Violations {
	return [
		...eventsThatDoNotTell(facts),
		...unfairTurns(facts),
		...pointersToNobody(facts),
		...unitsMiscounted(facts),
		...violationsOfPresence(facts),
		...violationsOfReturns(facts),
		...violationsOfWaits(facts),
	];
}

/** 3: played again, the events of a conversation tell its team, owner, queue and status. */
function eventsThatDoNotTell(facts: Facts): Violations {
	const told = new Map<string, Told>();
	for (const event of facts.events) {
		if (event.conversation_id === null) continue;
		const before = told.get(event.conversation_id) ?? nothingTold;
		told.set(event.conversation_id, after(before, event));
	}
	return [...facts.conversations.values()].flatMap((row) => {
		const is: Told = {
			status: row.status,
			team: row.team_key,
			assignee: row.assignee_key,
			queued: row.queue_entered_at !== null,
			// Without the message that it began with.
			messages: row.inbound_count - (row.first_message_id === null ? 0 : 1),
			replies: row.outbound_count,
		};
		const [said, found] = [told.get(row.id), is].map((one) => JSON.stringify(one));
		return said === found ? [] : [`3: ${row.id} is ${found}, its events tell ${said}`];
	});
}

interface Told {
	status: string;
	team: string | null;
	assignee: string | null;
	queued: boolean;
	messages: number;
	replies: number;
}

const nothingTold: Told = {
	status: 'open',
	team: null,
	assignee: null,
	queued: false,
	messages: 0,
	replies: 0,
};

function after(told: Told, { type, data }: EventFact): Told {
	switch (type) {
		case 'routed':
			return { ...told, team: data.team ?? null };
		case 'assigned':
			return { ...told, assignee: data.agent ?? null, queued: false };
		case 'unassigned':
			return { ...told, assignee: null, queued: false };
		case 'queued':
			return { ...told, team: data.team ?? null, queued: true };
		case 'closed':
			return { ...told, status: 'closed', queued: false };
		case 'snoozed':
			return { ...told, status: 'snoozed', queued: false };
		case 'woken':
			return { ...told, status: 'open' };
		case 'message_received':
		case 'answer_received':
			return { ...told, messages: told.messages + 1 };
		case 'replied':
			return { ...told, replies: told.replies + 1 };
		default:
			return told;
	}
}

/** 5: an agent's units are those of what is open; what sleeps takes none. */
const unitsMiscounted = (facts: Facts): Violations =>
	[...facts.agents.values()].flatMap(({ key, units }) => {
		const has = [...facts.conversations.values()]
			.filter((row) => row.assignee_key === key && row.status === 'open')
			.reduce((sum, { weight }) => sum + weight, 0);
		return has === units ? [] : [`5: '${key}' has ${has} units, and counts ${units}`];
	});

/** 6: over turns for which every member was a candidate, nobody is more than one ahead. */
function unfairTurns({ turns }: Facts): Violations {
	return [...new Set(turns.map((row) => row.team_key))].flatMap((team) => {
		const counts = turns.filter((row) => row.team_key === team).map((row) => row.turn_count);
		const ahead = Math.max(...counts) - Math.min(...counts);
		return ahead <= 1 ? [] : [`6: in '${team}' somebody is ${ahead} turns ahead`];
	});
}

/** 10: a conversation whose team or agent is gone has nobody; a member of no team is none. */
function pointersToNobody(facts: Facts): Violations {
	return [
		...openOnes(facts).flatMap((row) => [
			...(row.team_key === null || facts.teams.has(row.team_key)
				? []
				: [`10: ${row.id} is with the team '${row.team_key}', which is gone`]),
			...[row.assignee_key, row.queue_for]
				.filter((agent) => agent && !facts.agents.has(agent))
				.map((agent) => `10: ${row.id} is with or waits for '${agent}', who is gone`),
		]),
		...[...facts.agents.values()].flatMap((agent) =>
			agent.teams
				.filter((team) => !facts.teams.has(team))
				.map((team) => `10: '${agent.key}' is in the team '${team}', which is gone`),
		),
	];
}

/** What holds of any step, whether one command or several at once. */
export function violationsOfStep(before: Facts, now: Facts, commands: Played[]): Violations {
	return [
		...messagesThatMoved(before, now),
		...eventsNotOwed(before, now),
		...overCapacity(before, now, commands),
		...(commands.some(({ command }) => command.changesTeams) ? [] : lostTurns(before, now)),
		...lostPlaces(before, now),
		...violationsOfWaiting(before, now),
		...closedThatChanged(before, now),
	];
}

/** A command with what it said; undefined when it ended with an error. */
export interface Played {
	command: Command;
	said: Said | undefined;
}

/** 2, 11: what was stored stays, where it was stored. */
const messagesThatMoved = (before: Facts, now: Facts): Violations =>
	[...before.messages].flatMap(([id, row]) => {
		// What is under way gets its ID when it was sent.
		const sent = id.startsWith('sending:') ? [...now.messages.values()] : [];
		const found = now.messages.get(id) ?? sent.find((one) => one.id === row.id);
		if (!found) return [`11: the message ${id} is gone`];
		const stays = found.id === row.id && found.conversation_id === row.conversation_id;
		return stays ? [] : [`2: the message ${id} was stored anew`];
	});

const newEvents = (before: Facts, now: Facts) => {
	const known = new Set(before.events.map(({ id }) => id));
	return now.events.filter(({ id }) => !known.has(id));
};

/** 3: who listens is owed what happens. */
function eventsNotOwed(before: Facts, now: Facts): Violations {
	const owed = new Set(now.deliveries.map((row) => `${row.subscription_id} ${row.event_id}`));
	const listened = (id: string) =>
		before.subscriptions.some((row) => row.id === id && row.ended_at === null);
	const happened = newEvents(before, now);
	return now.subscriptions
		.filter((row) => row.ended_at === null && listened(row.id))
		.flatMap((subscription) =>
			happened
				.filter((event) => wants(subscription, event, now))
				.filter((event) => !owed.has(`${subscription.id} ${event.id}`))
				.map((event) => `3: ${event.type} is not owed to ${subscription.id}`),
		);
}

function wants(
	{ kind, filter }: Facts['subscriptions'][number],
	event: EventFact,
	now: Facts,
): boolean {
	if (kind === 'event') return (JSON.parse(filter) as EventFilter).events.includes(event.type);
	if (event.type !== 'opened') return false;
	const { sources, contactIs } = JSON.parse(filter) as OpenedFilter;
	const ordinal = now.conversations.get(event.conversation_id ?? '')?.ordinal;
	return sources.includes(event.source) && (contactIs === 'any' || ordinal === 1);
}

/** Decided by a person, or awake again: that counts, and asks for nothing. */
const unasked = (before: Facts, now: Facts) =>
	newEvents(before, now).filter(
		({ type, data }) => (type === 'assigned' && data.decision === null) || type === 'woken',
	);

/** 5: whoever has more than the capacity did not get it by being chosen. */
function overCapacity(before: Facts, now: Facts, commands: Played[]): Violations {
	return [...now.agents.values()].flatMap((agent) => {
		const was = before.agents.get(agent.key);
		const capacities = [
			agent.capacity,
			...(was ? [was.capacity] : []),
			...commands.flatMap(({ said }) =>
				said?.agent?.key === agent.key ? [said.agent.capacity] : [],
			),
		].map((capacity) => capacity ?? Infinity);
		// A capacity that was lowered below what the agent has takes nothing away.
		const more = unasked(before, now)
			.filter(({ data }) => data.agent === agent.key)
			.reduce((sum, event) => sum + weightOf(now, event), 0);
		const allowed = Math.max(...capacities, was?.units ?? 0) + more;
		return agent.units <= allowed
			? []
			: [`5: '${agent.key}' has ${agent.units} units of at most ${allowed}`];
	});
}

const weightOf = (facts: Facts, { conversation_id: id }: EventFact) =>
	facts.conversations.get(id ?? '')?.weight ?? 0;

/** 6: turns move by what was assigned in turns, and by nothing else. */
function lostTurns(before: Facts, now: Facts): Violations {
	const given = newEvents(before, now).filter(
		({ type, data }) =>
			type === 'assigned' &&
			data.decision?.strategy === 'roundRobin' &&
			// Who gets one because the contact had this agent before, takes no turn.
			data.decision.via === 'strategy',
	);
	const lastOf = (facts: Facts, team: string) =>
		Math.max(0, ...facts.turns.filter((row) => row.team_key === team).map((row) => row.last_turn));
	const teams = new Set([...now.turns.map((row) => row.team_key), ...given.map(teamOf)]);
	const moved = [...teams].flatMap((team) => {
		const turns = lastOf(now, team) - lastOf(before, team);
		const count = given.filter((event) => teamOf(event) === team).length;
		return turns === count ? [] : [`6: ${count} assigned in '${team}', ${turns} turns taken`];
	});
	const counted = now.turns.flatMap((row) => {
		const inTeam = given.filter((event) => teamOf(event) === row.team_key);
		const turnsBefore = before.turns.filter(({ team_key }) => team_key === row.team_key);
		const known = turnsBefore.find(({ agent_key }) => agent_key === row.agent_key);
		// Who had none yet begins level with the one who had fewest; which moves when several are given.
		if (!known && inTeam.length > 1) return [];
		const fewest = Math.min(...turnsBefore.map(({ turn_count }) => turn_count));
		const turns = row.turn_count - (known?.turn_count ?? (turnsBefore.length > 0 ? fewest : 0));
		const count = inTeam.filter(
			({ data }) => data.agent === row.agent_key && data.decision?.allWereCandidates,
		).length;
		return turns === count
			? []
			: [`6: '${row.agent_key}' had ${count} turns in '${row.team_key}', ${turns} were counted`];
	});
	const unfair = [...teams].flatMap((team) => {
		const turns = before.turns.filter(({ team_key }) => team_key === team);
		const fewest = turns.length > 0 ? Math.min(...turns.map((row) => row.turn_count)) : 0;
		const had = [...before.agents.values()]
			.filter((agent) => team === '' || agent.teams.includes(team))
			.map(({ key }) => {
				const known = turns.find(({ agent_key }) => agent_key === key)?.turn_count ?? fewest;
				const more = given.filter(
					(event) =>
						teamOf(event) === team &&
						event.data.agent === key &&
						event.data.decision?.allWereCandidates,
				);
				return known + more.length;
			});
		const ahead = Math.max(...had) - Math.min(...had);
		return had.length === 0 || ahead <= 1
			? []
			: [`6: in '${team}' somebody got ${ahead} conversations more than another`];
	});
	return [...moved, ...counted, ...unfair];
}

const teamOf = ({ data }: EventFact) => data.team ?? '';

/** 8: the first queue time is kept. */
const lostPlaces = (before: Facts, now: Facts): Violations =>
	[...before.conversations.values()].flatMap((row) => {
		const first = now.conversations.get(row.id)?.first_queued_at;
		return row.first_queued_at === null || row.first_queued_at === first
			? []
			: [`8: ${row.id} waited first at ${row.first_queued_at}, now ${first}`];
	});

/** 9: what is closed stays as it was when it was closed. */
const closedThatChanged = (before: Facts, now: Facts): Violations =>
	[...before.conversations.values()].flatMap((row) => {
		if (row.status !== 'closed') return [];
		const same = JSON.stringify(row) === JSON.stringify(now.conversations.get(row.id));
		return same ? [] : [`9: ${row.id} was closed, and changed`];
	});

/** Who waits although somebody could be given it at this moment, as `conversation agent`. */
export const idlePairs = (facts: Facts, at: number): string[] =>
	openOnes(facts)
		.filter((row) => row.queue_entered_at !== null)
		.flatMap((row) =>
			candidatesFor(facts, wishOf(row, at), at).map(({ key }) => `${row.id} ${key}`),
		);

/**
 * 8, 9: what holds of the queue after a command that ran alone.
 *
 * @param told whether the pump was told that there is something to do
 */
export function violationsOfQueue(
	before: Facts,
	now: Facts,
	{ said, at, told }: { said: Said | undefined; at: number; told: boolean },
): Violations {
	return [
		...(said?.served === 'all' ? leftBehind(now, at) : []),
		...notServed(now, said, at),
		...(told ? [] : leftWaiting(before, now, at)),
		...overtaken(before, now, said, at),
	];
}

/** After the pump has worked until nothing was left. */
const leftBehind = (now: Facts, at: number): Violations => [
	...presenceLeftBehind(now, at),
	...returnsLeftBehind(now, at),
	...waitsLeftBehind(now, at),
];

/** 9: whose units or time became free, is given what waits, in the same step. */
function notServed(now: Facts, said: Said | undefined, at: number): Violations {
	const served = said?.served === 'all' ? [...now.agents.keys()] : (said?.served ?? []);
	return (
		openOnes(now)
			.filter((row) => row.queue_entered_at !== null)
			// Who has just been taken off an agent does not go back at once.
			.filter((row) => row.id !== said?.conversation)
			.flatMap((row) =>
				candidatesFor(now, wishOf(row, at), at)
					.filter(({ key }) => served.includes(key))
					.map(({ key }) => `9: '${key}' came free, and ${row.id} still waits`),
			)
	);
}

/** 9: whatever a command does, nobody waits because of it while somebody could take it. */
function leftWaiting(before: Facts, now: Facts, at: number): Violations {
	const known = idlePairs(before, at);
	return idlePairs(now, at)
		.filter((pair) => !known.includes(pair))
		.filter((pair) => {
			// That the agent before is no longer waited for is seen by the pump.
			const was = before.conversations.get(pair.split(' ')[0] ?? '');
			return !was || !isHeld(before, wishOf(was, at), at);
		})
		.map((pair) => `9: ${pair}: waits and could be taken, and nobody is told`);
}

/** 8: by priority, then by the first time; who is ahead and could have had the agent is not passed over. */
function overtaken(before: Facts, now: Facts, said: Said | undefined, at: number): Violations {
	const given = newEvents(before, now).filter(
		({ type, data }) => type === 'assigned' && data.decision,
	);
	// What an agent loses in the same step, it may still have had when this was decided.
	const lost = newEvents(before, now).filter(({ type }) =>
		['unassigned', 'snoozed'].includes(type),
	);
	return given.flatMap(({ id: event, conversation_id: id, data }) => {
		const got = now.conversations.get(id ?? '');
		const agent = now.agents.get(data.agent ?? '');
		if (!got || !agent || got.assignee_key !== agent.key) return [];
		if (lost.some((one) => one.id > event && one.data.agent === agent.key)) return [];
		// It has had at least one unit less when this was decided: only more came in the same step.
		const units = agent.units - got.weight;
		const place = { ...got, queue_entered_at: got.first_queued_at ?? at };
		return openOnes(now)
			.filter((row) => {
				const was = before.conversations.get(row.id);
				return was && row.queue_entered_at !== null && was.queue_entered_at !== null;
			})
			.filter((row) => row.id !== said?.conversation && sameQueue(row, got))
			.filter((row) => sameQueue(row, before.conversations.get(row.id) ?? row))
			.filter((row) => isAhead(row, place))
			.filter((row) => {
				const wish = wishOf(row, at);
				const isFree = poolOf(now, wish.pool).includes(agent) && mayTake(agent, wish, at, units);
				return isFree && (!isHeld(now, wish, at) || wish.prefer?.agent === agent.key);
			})
			.map((row) => `8: ${got.id} overtook ${row.id}, which '${agent.key}' could have taken`);
	});
}

/** What holds once all triggers are gone and a day has passed in which the pump worked. */
export function violationsAtRest(facts: Facts, acted: Map<string, Set<string>>, at: number) {
	return [
		...facts.deliveries
			.filter(({ status, due_at }) => !OVER.includes(status) || due_at !== null)
			.map(({ id, status }) => `4: the delivery ${id} is ${status} for ever`),
		...facts.deliveries
			.filter(({ id, reruns }) => (acted.get(id)?.size ?? 0) > 1 + reruns)
			.map(({ id }) => `4: ${[...(acted.get(id) ?? [])].join(' and ')} acted for ${id}`),
		...openOnes(facts)
			// What sleeps until the contact writes is in good hands.
			.filter(({ status }) => status === 'open')
			.filter((row) => !row.assignee_key && row.queue_entered_at === null && !row.flag)
			.map(({ id }) => `10: ${id} has no owner, no queue and no flag`),
		...idlePairs(facts, at).map((pair) => `8: ${pair}: waits, and could be taken`),
		...leftBehind(facts, at),
	];
}

const OVER = ['done', 'failed', 'expired'];

/** What those that ran at once said, against each other and against the tables. */
export function violationsOfAgreement(before: Facts, now: Facts, played: Played[]): Violations {
	const said = played.flatMap((one) => (one.said ? [one.said] : []));
	return [
		...openedTwice(before, now, said),
		...storedTwice(before, now, said),
		...assignedTwice(before, now, said),
		...closedTwice(before, now, said),
		...actedTwice(before, now, said),
		...writesLost(now, said),
		...removedTwice(before, said, played),
	];
}

/** 1: as many openings were told as conversations began. */
function openedTwice(before: Facts, now: Facts, said: Said[]): Violations {
	const told = said.flatMap(({ opened }) => opened ?? []).sort();
	const began = [...now.conversations.keys()].filter((id) => !before.conversations.has(id)).sort();
	const same = told.join() === began.join();
	const unknown = said
		.map(({ conversation }) => conversation)
		.filter((id) => id && id !== 'none' && !now.conversations.has(id));
	return [
		...(same ? [] : [`1: ${told.length} openings told, ${began.length} conversations began`]),
		...unknown.map((id) => `11: ${id} was returned and is not there`),
	];
}

/** 2: one call stored a message; every other of the same was told that it is known. */
function storedTwice(before: Facts, now: Facts, said: Said[]): Violations {
	const told = said.flatMap(({ message }) => message ?? []);
	const stored = told.filter(({ outcome }) => ['opened', 'appended', 'recorded'].includes(outcome));
	return [...new Set(told.map(({ id }) => id))].flatMap((id) => {
		const times = stored.filter((one) => one.id === id).length;
		const is = now.messages.has(id) && !before.messages.has(id) ? 1 : 0;
		return times === is ? [] : [`2: ${id} was told to be stored ${times} times, and was ${is}`];
	});
}

/** 5, 6: whoever asks is told the same agent, unless it was taken off in between. */
function assignedTwice(before: Facts, now: Facts, said: Said[]): Violations {
	const happened = newEvents(before, now);
	const told = said.flatMap(({ assigned }) => assigned ?? []);
	return [...new Set(told.map(({ conversation }) => conversation))].flatMap((id) => {
		const mine = happened.filter((event) => event.conversation_id === id);
		const given = mine.filter(({ type }) => type === 'assigned');
		const taken = mine.filter(({ type }) => type === 'unassigned').length;
		const results = told.filter(({ conversation, agent }) => conversation === id && agent);
		const agents = new Set(results.map(({ agent }) => agent));
		const fresh = results.filter(({ already }) => !already).length;
		const known = [before.conversations.get(id)?.assignee_key, ...given.map((e) => e.data.agent)];
		return [
			...(agents.size <= 1 + taken ? [] : [`6: ${id} was given to ${[...agents].join(' and ')}`]),
			...(fresh <= given.length ? [] : [`3: ${id} was given ${fresh} times, by fewer events`]),
			...[...agents]
				.filter((agent) => !known.includes(agent ?? ''))
				.map((agent) => `6: ${id} was said to be with '${agent}', and never was`),
		];
	});
}

/** 9: one call closed it; every other was told that it was closed. */
function closedTwice(before: Facts, now: Facts, said: Said[]): Violations {
	const told = said.flatMap(({ closed }) => closed ?? []);
	const onPlatform = newEvents(before, now).filter(
		({ type, data }) => type === 'closed' && data.origin !== undefined,
	);
	return [...new Set(told.map(({ conversation }) => conversation))].flatMap((id) => {
		const times = told.filter(
			({ conversation, already }) => conversation === id && !already,
		).length;
		const there = onPlatform.filter((event) => event.conversation_id === id).length;
		const was = before.conversations.get(id)?.status === 'closed' ? 0 : 1;
		const is = now.conversations.get(id)?.status === 'closed';
		return times + there === was && is ? [] : [`9: ${id} was told to be closed ${times} times`];
	});
}

/** 4: a delivery is claimed by one, and one execution of it acts. */
function actedTwice(before: Facts, now: Facts, said: Said[]): Violations {
	const claimed = said.flatMap((one) => one.claimed ?? []);
	const acts = said.flatMap((one) => one.acts ?? []);
	const rerunsOf = (facts: Facts, id: string) =>
		facts.deliveries.find((row) => row.id === id)?.reruns ?? 0;
	return [
		...claimed
			.filter((id, i) => claimed.indexOf(id) !== i)
			.map((id) => `4: ${id} was claimed twice at once`),
		...[...new Set(acts.map(({ delivery }) => delivery))]
			.filter((id) => {
				const one = acts.filter(({ delivery }) => delivery === id);
				const executions = new Set(one.map(({ execution }) => execution)).size;
				return executions > 1 + rerunsOf(now, id) - rerunsOf(before, id);
			})
			.map((id) => `4: more than one execution acted for ${id}`),
	];
}

/** A field has one of the values that were told to be written; none is lost to a write of another. */
function writesLost(now: Facts, said: Said[]): Violations {
	const wrote = said.flatMap((one) => (one.wrote?.written ? [one.wrote] : []));
	return wrote.flatMap(({ contact, field }) => {
		const { fields = '{}' } = now.contacts.get(contact) ?? {};
		const value = (JSON.parse(fields) as Record<string, { value: string }>)[field]?.value;
		const values = wrote.filter((one) => one.contact === contact && one.field === field);
		return values.some((one) => one.value === value)
			? []
			: [`11: ${field} of ${contact} was told to be written, and is '${value}'`];
	});
}

/** What is there once is removed once. */
function removedTwice(before: Facts, said: Said[], played: Played[]): Violations {
	const told = said.flatMap(({ removed }) => removed ?? []);
	return [...new Set(told)].flatMap((what) => {
		const key = what.replace(/^\w+ /, '');
		const there = before.agents.has(key) || before.teams.has(key) ? 1 : 0;
		const made = played.filter(
			(one) => one.said && /^(agent|team) /.test(one.command.name) && isAbout(one.command, key),
		).length;
		const times = told.filter((one) => one === what).length;
		return times <= there + made ? [] : [`3: ${what} was removed ${times} times`];
	});
}

const isAbout = ({ name }: Command, key: string) =>
	name === `team ${key}` || name.startsWith(`agent ${key}: `);
