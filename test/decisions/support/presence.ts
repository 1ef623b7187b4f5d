import fc from 'fast-check';
import type { Availability, BusinessHours } from '../../../nodes/decisions/contracts';
import type { AgentPresence, Shifts } from '../../../nodes/decisions/presence';
import { look, settle, type PresenceChange } from '../../../nodes/decisions/presenceChanges';
import { follow, hear, obey, type Heartbeat, type Word } from '../../../nodes/decisions/saying';
import { readShifts } from '../../../nodes/store/operations/hours';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A Monday, 09:00 UTC. */
export const START = Date.UTC(2026, 0, 5, 9);

export const ALWAYS: Shifts = {
	at: () => ({ onShift: true, changesAt: null }),
	nextBegin: () => null,
};

export const shiftsFrom = (from: string, to: string, days = [1, 2, 3, 4, 5]): Shifts =>
	readShifts({ timeZone: 'UTC', weekly: [{ days, from, to }], holidays: [] } as BusinessHours);

export const newcomer = (changes: Partial<AgentPresence> = {}): AgentPresence => ({
	availability: 'offline',
	availabilitySince: START,
	onlineUntil: null,
	followsShifts: false,
	source: null,
	grace: 0,
	next: null,
	presence: 'offline',
	absentSince: START,
	...changes,
});

/** What is done to an agent, and when. */
export type Deed =
	| { kind: 'wait' }
	| { kind: 'say'; word: Word }
	| { kind: 'hear'; heartbeat: Heartbeat }
	| { kind: 'follow'; follows: boolean; shifts: Shifts };

/** An agent as the store keeps one: looked at whenever something is done, and else when it is due. */
export class Desk {
	readonly changes: PresenceChange[] = [];
	now = START;
	due: number | null = null;

	constructor(
		public agent = newcomer(),
		public shifts: Shifts = ALWAYS,
	) {}

	/** Time passes, and nobody looks. */
	pass(time: number): this {
		this.now += time;
		return this;
	}

	/** The tick. */
	tick(): this {
		const settled = settle(this.agent, this.shifts, this.due, this.now);
		this.agent = settled.agent;
		this.due = settled.dueAt;
		this.changes.push(...settled.changes);
		return this;
	}

	private become(agent: AgentPresence, because: string): this {
		const looked = look(agent, this.shifts, this.now, because);
		this.agent = looked.agent;
		this.due = looked.dueAt;
		this.changes.push(...looked.changes);
		return this;
	}

	say(
		availability: Availability,
		how: { minutes?: number; grace?: number; delay?: number; source?: string } = {},
	): this {
		this.tick();
		const { minutes, grace = 0, delay, source = 'user' } = how;
		const word: Word = {
			...{ availability, source, grace: grace * MINUTE },
			until: minutes === undefined ? null : this.now + minutes * MINUTE,
			from: delay === undefined ? null : this.now + delay * MINUTE,
		};
		return this.become(obey(this.agent, word, this.shifts, this.now), 'said');
	}

	/** @returns whether it was heard */
	hear(heartbeat: Heartbeat): boolean {
		this.tick();
		const heard = hear(this.agent, heartbeat, this.shifts, this.now);
		if (heard) this.become(heard, 'heard');
		return heard !== undefined;
	}

	alive = (minutes = 10, grace = 2) =>
		this.hear({ alive: true, until: this.now + minutes * MINUTE, grace: grace * MINUTE });

	gone = (minutes = 2) => this.hear({ alive: false, from: this.now + minutes * MINUTE });

	follow(follows: boolean, shifts = this.shifts): this {
		this.tick();
		this.shifts = shifts;
		return this.become(follow(this.agent, follows, shifts, this.now), 'shifts');
	}

	/** Changes as "09:10 online → offline". */
	get story(): string[] {
		return this.changes.map(
			({ at, from, to }) => `${new Date(at).toISOString().slice(11, 16)} ${from} → ${to}`,
		);
	}
}

const availability = fc.constantFrom<Availability>('online', 'away', 'offline');
const minutes = fc.integer({ min: 1, max: 300 });
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });
const calendars = fc.constantFrom(
	ALWAYS,
	shiftsFrom('08:00', '16:00'),
	shiftsFrom('22:00', '06:00'),
	shiftsFrom('09:00', '09:30', [1, 2, 3, 4, 5, 6, 7]),
);

type Step = (desk: Desk) => void;

const saying: fc.Arbitrary<Step> = fc
	.record({
		what: availability,
		lasts: maybe(minutes),
		grace: fc.integer({ min: 0, max: 5 }),
		delay: maybe(fc.integer({ min: 1, max: 20 })),
		source: fc.constantFrom('user', 'workflow'),
	})
	.map(({ what, lasts, grace, delay, source }) => (desk: Desk) => {
		const later = what !== 'online' && lasts === undefined && delay !== undefined;
		desk.say(what, {
			...{ grace: what === 'online' ? grace : 0, source },
			...(lasts === undefined ? {} : { minutes: lasts }),
			...(later ? { delay } : {}),
		});
	});

/** Anything that can be done to an agent. */
export const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 3,
		arbitrary: fc.integer({ min: 1, max: 2000 }).map((m) => (d: Desk) => void d.pass(m * MINUTE)),
	},
	{
		weight: 3,
		arbitrary: fc.integer({ min: 1, max: 12 }).map((m) => (d: Desk) => void d.pass(m * MINUTE)),
	},
	{ weight: 3, arbitrary: saying },
	{ weight: 2, arbitrary: fc.constant((d: Desk) => void d.alive()) },
	{ weight: 2, arbitrary: fc.constant((d: Desk) => void d.gone()) },
	{
		weight: 1,
		arbitrary: fc.tuple(fc.boolean(), calendars).map(
			([follows, shifts]) =>
				(d: Desk) =>
					void d.follow(follows, shifts),
		),
	},
);
