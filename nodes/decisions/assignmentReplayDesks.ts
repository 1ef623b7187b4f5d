import type { AgentCandidate, Availability } from './contracts';

/** An agent as the replay of a policy needs one. Times are milliseconds since 1970 (UTC). */
export interface ReplayAgent {
	key: string;
	name: string;
	teams: string[];
	capacity: number | null;
	skills: string[];
	languages: string[];
	/** What the agent counted as when the replay begins. */
	presence: Availability;
	/** And from then on; the oldest first. */
	changes: Array<{ at: number; to: Availability }>;
}

/** Who may be chosen: the members of a team, everybody (null), or one agent. */
export type ReplayPool = { team: string | null } | { agent: string };

/** What a replay says of one agent. */
export interface DeskRecord {
	key: string;
	name: string;
	assignments: number;
	/** Units at the fullest moment. */
	mostOpen: number;
	/** Milliseconds of the period. */
	online: number;
	/** Of those, how many with at least one conversation open. */
	busy: number;
}

interface Desk extends DeskRecord {
	presence: Availability;
	/** Since when, as far as the replay has seen it change. */
	since: number | null;
	conversations: number;
	units: number;
	lastAssignedAt: number | null;
	/** Until when `online` and `busy` are counted. */
	countedTo: number;
	/** The agent in each pool that has come up so far. */
	seats: AgentCandidate[];
}

interface Seats {
	candidates: AgentCandidate[];
	/** Who has had a turn in this pool. */
	hadTurn: Set<string>;
	lastTurn: number;
}

/**
 * The agents of a replay: who is there, what each has open, whose turn it is. It keeps turns as the
 * store does: by pool, and who never had one begins level with the one who had fewest.
 */
export class ReplayDesks {
	private readonly desks = new Map<string, Desk>();
	private readonly pools = new Map<string, Seats>();

	constructor(
		private readonly agents: ReplayAgent[],
		private readonly period: { from: number; to: number },
	) {
		for (const { key, name, presence } of agents) this.add(key, name, presence);
	}

	/** As the decision sees them; the same objects each time. */
	candidatesOf(pool: ReplayPool): AgentCandidate[] {
		return this.seatsOf(pool).candidates;
	}

	/** The agent in this pool; undefined where it is not among its members. */
	seatOf(pool: ReplayPool, key: string): AgentCandidate | undefined {
		return this.candidatesOf(pool).find((one) => one.key === key);
	}

	setPresence(key: string, to: Availability, at: number): void {
		const desk = this.desk(key, at);
		Object.assign(desk, { presence: to, since: at });
		for (const seat of desk.seats) Object.assign(seat, { availability: to, availabilitySince: at });
	}

	/** Somebody who is no agent any more may have had it in the past: a desk is made for them. */
	take(key: string, weight: number, at: number): void {
		const desk = this.desk(key, at);
		desk.assignments++;
		desk.conversations++;
		desk.units += weight;
		desk.lastAssignedAt = at;
		desk.mostOpen = Math.max(desk.mostOpen, desk.units);
		for (const seat of desk.seats) {
			Object.assign(seat, { openUnits: desk.units, lastAssignedAt: at });
		}
	}

	release(key: string, weight: number, at: number): void {
		const desk = this.desk(key, at);
		desk.conversations--;
		desk.units = Math.max(0, desk.units - weight);
		for (const seat of desk.seats) seat.openUnits = desk.units;
	}

	takeTurn(pool: ReplayPool, key: string, counts: boolean): void {
		const seats = this.seatsOf(pool);
		const seat = seats.candidates.find((one) => one.key === key);
		if (!seat) return;
		seats.hadTurn.add(key);
		seat.lastTurn = ++seats.lastTurn;
		if (counts) seat.turnCount++;
		const had = seats.candidates.filter((one) => seats.hadTurn.has(one.key));
		const fewest = Math.min(...had.map(({ turnCount }) => turnCount));
		for (const one of seats.candidates) if (!seats.hadTurn.has(one.key)) one.turnCount = fewest;
	}

	/** What became of each, up to this moment. */
	records(at: number): DeskRecord[] {
		return [...this.desks.keys()].map((each) => {
			const { key, name, assignments, mostOpen, online, busy } = this.desk(each, at);
			return { key, name, assignments, mostOpen, online, busy };
		});
	}

	private add(key: string, name: string, presence: Availability): Desk {
		const desk: Desk = {
			...{ key, name, presence, assignments: 0, mostOpen: 0, online: 0, busy: 0 },
			...{ since: null, conversations: 0, units: 0, lastAssignedAt: null },
			...{ countedTo: this.period.from, seats: [] },
		};
		this.desks.set(key, desk);
		return desk;
	}

	/** With its times counted up to this moment, within the period. */
	private desk(key: string, at: number): Desk {
		const desk = this.desks.get(key) ?? this.add(key, key, 'offline');
		const until = Math.min(at, this.period.to);
		const passed = Math.max(0, until - desk.countedTo);
		if (desk.presence === 'online') {
			desk.online += passed;
			if (desk.conversations > 0) desk.busy += passed;
		}
		desk.countedTo = Math.max(desk.countedTo, until);
		return desk;
	}

	private seatsOf(pool: ReplayPool): Seats {
		const name = 'agent' in pool ? `agent:${pool.agent}` : `team:${pool.team ?? ''}`;
		const known = this.pools.get(name);
		if (known) return known;
		const candidates = this.agents.filter((one) => isIn(one, pool)).map((one) => this.seat(one));
		const seats = { candidates, hadTurn: new Set<string>(), lastTurn: 0 };
		this.pools.set(name, seats);
		return seats;
	}

	private seat({ key, name, capacity, skills, languages }: ReplayAgent): AgentCandidate {
		const desk = this.desks.get(key)!;
		const seat: AgentCandidate = {
			...{ key, name, capacity, skills, languages },
			availability: desk.presence,
			availabilitySince: desk.since,
			// Times that end and shifts are in the changes of presence already.
			...{ onlineUntil: null, followsShifts: false, onShift: true, nextShift: null },
			openUnits: desk.units,
			lastAssignedAt: desk.lastAssignedAt,
			...{ turnCount: 0, lastTurn: null },
		};
		desk.seats.push(seat);
		return seat;
	}
}

const isIn = ({ key, teams }: ReplayAgent, pool: ReplayPool) =>
	'agent' in pool ? key === pool.agent : pool.team === null || teams.includes(pool.team);
