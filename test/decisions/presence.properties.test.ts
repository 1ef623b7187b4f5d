import fc from 'fast-check';
import { inForce, presenceOf, standingOf } from '../../nodes/decisions/presence';
import { settle } from '../../nodes/decisions/presenceChanges';
import { DAY, Desk, MINUTE, START, step } from './support/presence';

const steps = fc.array(step, { minLength: 1, maxLength: 25 });

/** An agent to whom all of this was done. */
const after = (done: Array<(desk: Desk) => void>) => {
	const desk = new Desk();
	for (const each of done) each(desk);
	return desk;
};

const onShift = (desk: Desk, at = desk.now) => desk.shifts.at(at).onShift;

const thereAt = (desk: Desk, at = desk.now) =>
	presenceOf({ ...inForce(desk.agent, at), onShift: onShift(desk, at) }, at);

test('a tick that is late makes no difference to who is there', () => {
	fc.assert(
		fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (done, part) => {
			const desk = after(done).tick();
			// Late by one turn: two that nobody saw happen are for the tick to tell apart.
			const { agent, shifts, due, now } = desk;
			const until = (due && settle(agent, shifts, due, due).dueAt) ?? now + 3 * DAY;
			desk.pass(Math.floor((until - now - 1) * part));
			const before = thereAt(desk);
			expect(thereAt(desk.tick())).toBe(before);
		}),
	);
});

test('seen minute by minute or all at once, the same changes are told, each once and in order', () => {
	fc.assert(
		fc.property(steps, fc.integer({ min: 1, max: 1500 }), (done, minutes) => {
			const desk = after(done).tick();
			const { agent, shifts, due, now } = desk;
			const end = now + minutes * MINUTE;
			const atOnce = settle(agent, shifts, due, end);
			for (let i = 0; i < minutes; i++) desk.pass(MINUTE).tick();
			const told = desk.changes.filter(({ at }) => at > now);
			expect(told).toEqual(atOnce.changes);
			expect([desk.agent, desk.due]).toEqual([atOnce.agent, atOnce.dueAt]);
		}),
		{ numRuns: 40 },
	);
});

test('changes are a chain: each begins where the last ended, and none changes nothing', () => {
	fc.assert(
		fc.property(steps, (done) => {
			const { changes, agent } = after(done).tick();
			let last = { to: 'offline', at: START };
			for (const change of changes) {
				expect(change.from).toBe(last.to);
				expect(change.to).not.toBe(change.from);
				expect(change.at).toBeGreaterThanOrEqual(last.at);
				last = change;
			}
			expect(agent.presence).toBe(last.to);
			expect(agent.absentSince !== null).toBe(agent.presence === 'offline');
		}),
	);
});

test('until it is due, nothing changes', () => {
	fc.assert(
		fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (done, part) => {
			const desk = after(done).tick();
			const { agent, due, now } = desk;
			const until = due ?? now + 3 * DAY;
			const at = now + Math.floor((until - now - 1) * part);
			expect(standingOf(agent, onShift(desk, at), at)).toBe(agent.presence);
		}),
	);
});

test('outside the shift nobody is there, whatever was said; a grace gives nothing', () => {
	fc.assert(
		fc.property(steps, (done) => {
			const desk = after(done);
			const there = thereAt(desk);
			const standing = standingOf(desk.agent, onShift(desk), desk.now);
			if (!onShift(desk)) expect([there, standing]).toEqual(['offline', 'offline']);
			if (there !== standing) expect([there, standing]).toEqual(['offline', 'online']);
		}),
	);
});

test('no heartbeat ends away or offline that a person said, as long as it holds', () => {
	fc.assert(
		fc.property(
			steps,
			fc.constantFrom('away' as const, 'offline' as const),
			fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 30 })), { maxLength: 15 }),
			(done, what, signals) => {
				const desk = after(done).say(what).follow(false);
				for (const [alive, minutes] of signals) {
					desk.pass(minutes * MINUTE);
					expect(alive ? desk.alive() : desk.gone()).toBe(false);
					expect(thereAt(desk)).toBe(onShift(desk) ? what : 'offline');
				}
			},
		),
	);
});

test('signs of life that come in time leave no trace but the first', () => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.integer({ min: 0, max: 12 * MINUTE - 1 }), fc.boolean())),
			(signals) => {
				const desk = new Desk();
				desk.alive(10, 2);
				for (const [time, background] of signals) {
					if (background) desk.gone(12);
					desk.pass(time).tick();
					desk.alive(10, 2);
				}
				expect(desk.changes).toHaveLength(1);
			},
		),
	);
});
