import { inForce, presenceOf } from '../../nodes/decisions/presence';
import { DAY, Desk, HOUR, MINUTE, newcomer, shiftsFrom, START } from './support/presence';

const there = (desk: Desk) =>
	presenceOf(
		{ ...inForce(desk.agent, desk.now), onShift: desk.shifts.at(desk.now).onShift },
		desk.now,
	);

describe('a lease', () => {
	test('ends: nothing new at once, offline after the grace', () => {
		const desk = new Desk().say('online', { minutes: 10, grace: 2 });
		expect([there(desk), desk.due]).toEqual(['online', START + 12 * MINUTE]);
		expect(there(desk.pass(10 * MINUTE - 1))).toBe('online');
		expect(there(desk.pass(1).tick())).toBe('offline');
		expect(desk.agent).toMatchObject({ presence: 'online', absentSince: null });
		desk.pass(2 * MINUTE).tick();
		expect(desk.agent).toMatchObject({
			...{ presence: 'offline', absentSince: START + 12 * MINUTE },
			...{ availability: 'offline', source: 'system', onlineUntil: null },
		});
		expect(desk.story).toEqual(['09:00 offline → online', '09:12 online → offline']);
		expect(desk.changes[1]?.reason).toBe(
			'the time online ended and was not renewed within 2 minutes',
		);
		expect(desk.due).toBeNull();
	});

	test('without a grace ends at once, and says so', () => {
		const desk = new Desk().say('online', { minutes: 1 }).pass(HOUR).tick();
		expect(desk.changes[1]).toMatchObject({
			at: START + MINUTE,
			reason: 'the time online ended',
		});
	});

	test('is renewed within its grace as if nothing had happened', () => {
		const desk = new Desk().say('online', { minutes: 10, grace: 2 }).pass(11 * MINUTE);
		expect(there(desk)).toBe('offline');
		expect(desk.alive()).toBe(true);
		expect([there(desk), desk.agent.absentSince]).toEqual(['online', null]);
		expect(desk.story).toEqual(['09:00 offline → online']);
	});

	test('taken up after its grace is an end and a beginning, though nobody looked', () => {
		const desk = new Desk().say('online', { minutes: 10, grace: 2 }).pass(30 * MINUTE);
		desk.alive();
		expect(desk.story.slice(1)).toEqual(['09:12 online → offline', '09:30 offline → online']);
	});

	test('is never made shorter by a heartbeat; until further notice ends with the notice', () => {
		const long = new Desk().say('online', { minutes: 240 }).pass(MINUTE);
		long.alive(10);
		expect(long.agent.onlineUntil).toBe(START + 240 * MINUTE);
		long.pass(239 * MINUTE - 1);
		long.alive(10);
		expect(long.agent.onlineUntil).toBe(START + 250 * MINUTE - 1);
		const open = new Desk().say('online').pass(MINUTE);
		open.alive(10);
		expect(open.agent.onlineUntil).toBe(START + 11 * MINUTE);
	});
});

describe('a heartbeat', () => {
	test.each(['away', 'offline'] as const)('does not end %s that somebody said', (what) => {
		for (const source of ['user', 'workflow', 'api']) {
			const desk = new Desk().say(what, { source }).pass(DAY);
			expect(desk.alive()).toBe(false);
			expect(there(desk)).toBe(what);
		}
	});

	test('ends it when its time is over', () => {
		const desk = new Desk().say('away', { minutes: 30 }).pass(29 * MINUTE);
		expect(desk.alive()).toBe(false);
		expect(there(desk.pass(MINUTE))).toBe('away');
		expect([desk.alive(), there(desk)]).toEqual([true, 'online']);
	});

	test('brings a newcomer online, of whom nobody has said anything', () => {
		const desk = new Desk();
		expect([desk.alive(), there(desk)]).toEqual([true, 'online']);
	});

	test('#5436: a phone goes to the background and comes back: no trace', () => {
		const desk = new Desk().say('online', { minutes: 240 });
		for (let i = 0; i < 50; i++) {
			desk.pass(MINUTE).tick();
			desk.gone(2);
			expect(there(desk.pass(MINUTE).tick())).toBe('online');
			desk.alive(10);
		}
		expect(desk.story).toEqual(['09:00 offline → online']);
		expect(desk.agent).toMatchObject({ onlineUntil: START + 240 * MINUTE, next: null });
	});

	test('a phone that stays in the background is offline when the delay is over', () => {
		const desk = new Desk().say('online');
		desk.gone(2);
		desk.pass(MINUTE);
		// A second signal does not put it off.
		desk.gone(2);
		desk.pass(MINUTE).tick();
		expect(desk.story[1]).toBe('09:02 online → offline');
		expect(desk.changes[1]?.reason).toBe('gone, and no sign of life came');
		expect([desk.alive(), there(desk)]).toEqual([true, 'online']);
	});

	test('does not take back what a person said to take effect later', () => {
		const desk = new Desk().say('online').pass(MINUTE).say('offline', { delay: 5 });
		expect(desk.alive()).toBe(true);
		desk.gone();
		expect(there(desk.pass(5 * MINUTE).tick())).toBe('offline');
		expect(desk.changes[1]?.reason).toBe('offline was to take effect now');
		expect(desk.alive()).toBe(false);
	});

	test('that somebody is gone says nothing of who is away anyway', () => {
		const desk = new Desk().say('away');
		expect(desk.gone()).toBe(false);
		expect(there(desk.pass(HOUR).tick())).toBe('away');
	});
});

describe('what takes effect later', () => {
	test('is cancelled by the next word', () => {
		const desk = new Desk()
			.say('online')
			.say('away', { delay: 5 })
			.pass(4 * MINUTE)
			.say('online');
		expect(there(desk.pass(HOUR).tick())).toBe('online');
		expect(desk.story).toEqual(['09:00 offline → online']);
	});

	test('is at once for who says so already', () => {
		const desk = new Desk(newcomer(), shiftsFrom('08:00', '16:00')).say('away');
		desk.say('away', { delay: 5, source: 'workflow' });
		expect(desk.agent).toMatchObject({ next: null, source: 'workflow' });
	});
});

describe('shifts', () => {
	const weekdays = shiftsFrom('08:00', '16:00');

	test('end presence for everybody, and begin it again for who left online on', () => {
		const desk = new Desk(newcomer(), weekdays).say('online').pass(DAY).tick();
		expect(desk.story).toEqual([
			'09:00 offline → online',
			'16:00 online → offline',
			'08:00 offline → online',
		]);
		expect(desk.changes.map(({ reason }) => reason)).toEqual([
			'said',
			'the shift ended',
			'the shift began',
		]);
	});

	test('away is not away from the shift but offline after it, and away again the next day', () => {
		const desk = new Desk(newcomer(), weekdays).say('away').pass(DAY).tick();
		expect(desk.story).toEqual([
			'09:00 offline → away',
			'16:00 away → offline',
			'08:00 offline → away',
		]);
	});

	describe('that are followed', () => {
		const following = () => new Desk(newcomer(), weekdays).follow(true);

		test('clock in and out without anybody', () => {
			const desk = following().pass(DAY).tick();
			expect(desk.story).toEqual([
				'09:00 offline → online',
				'16:00 online → offline',
				'08:00 offline → online',
			]);
			expect(desk.agent.absentSince).toBeNull();
		});

		test('what was said holds until the next shift begins', () => {
			for (const what of ['away', 'offline'] as const) {
				const desk = following().pass(HOUR).say(what);
				expect(desk.agent.next).toEqual({
					availability: 'online',
					at: START + DAY - HOUR,
				});
				expect(there(desk.pass(22 * HOUR - 1))).toBe('offline');
				expect(there(desk.pass(1).tick())).toBe('online');
			}
		});

		test('said in the evening, it ends the next morning; said for days, it holds for days', () => {
			const desk = following()
				.pass(10 * HOUR)
				.say('offline');
			expect(there(desk.pass(13 * HOUR))).toBe('online');
			const sick = following().say('offline', { minutes: 2 * 24 * 60 });
			for (let day = 0; day < 2; day++) {
				expect(there(sick.tick())).toBe('offline');
				sick.pass(DAY);
			}
			expect(there(sick.tick())).toBe('online');
		});

		test('away for half an hour is online after it, in the shift', () => {
			const desk = following()
				.say('away', { minutes: 30 })
				.pass(30 * MINUTE);
			expect(there(desk)).toBe('online');
			desk.tick();
			expect(desk.story.slice(1)).toEqual(['09:00 online → away', '09:30 away → online']);
			expect(desk.changes[2]?.reason).toBe('the time away ended');
			const late = following()
				.pass(6.75 * HOUR)
				.say('away', { minutes: 30 });
			expect(there(late.pass(30 * MINUTE).tick())).toBe('offline');
		});

		test('a lease changes nothing for who is online by being on shift', () => {
			const desk = following();
			desk.alive(10);
			expect(there(desk.pass(HOUR).tick())).toBe('online');
			desk.gone(2);
			expect(there(desk.pass(HOUR).tick())).toBe('offline');
			// Until a sign of life, or the next shift.
			expect(desk.agent.next?.at).toBe(START + DAY - HOUR);
			expect([desk.alive(), there(desk)]).toEqual([true, 'online']);
			expect(there(desk.pass(5 * HOUR - 1))).toBe('online');
		});

		test('from now on: online at once, unless somebody said otherwise', () => {
			expect(there(following())).toBe('online');
			const away = new Desk(newcomer(), weekdays).say('away').follow(true);
			expect(there(away)).toBe('away');
			expect(there(away.pass(23 * HOUR))).toBe('online');
		});

		test('no longer: what was said stays', () => {
			const desk = following().say('away').follow(false);
			expect(there(desk.pass(DAY).tick())).toBe('away');
		});

		test('other shifts move the end of what was said', () => {
			const desk = following().say('away').follow(true, shiftsFrom('06:00', '14:00'));
			expect(desk.agent.next?.at).toBe(START + DAY - 3 * HOUR);
		});
	});

	test('weeks without n8n: what has become of it is looked at once', () => {
		const desk = new Desk(newcomer(), weekdays)
			.say('online')
			.pass(30 * DAY)
			.tick();
		expect(desk.changes).toHaveLength(1);
		expect(there(desk)).toBe(desk.agent.presence);
	});
});

/** The times of docs/availability.md. */
describe('as the page says', () => {
	const weekdays = shiftsFrom('08:00', '16:00');

	/** At moments after 08:00 of that Monday: what is done, and what the agent is then. */
	const plays = (desk: Desk, steps: Array<[number, (() => unknown) | null, string]>) => {
		for (const [at, act, is] of steps) {
			desk.now = START - HOUR + at;
			desk.tick();
			act?.();
			expect([at / HOUR, there(desk)]).toEqual([at / HOUR, is]);
		}
	};

	test('the week of Ann, who follows shifts', () => {
		const ann = new Desk(newcomer(), weekdays);
		plays(ann, [
			[0, () => ann.follow(true), 'online'],
			[4 * HOUR, () => ann.say('away', { minutes: 30 }), 'away'],
			[4.5 * HOUR, null, 'online'],
			[7 * HOUR, () => ann.say('offline'), 'offline'],
			[DAY, null, 'online'],
			[DAY + 7 * HOUR + 50 * MINUTE, () => ann.say('away', { minutes: 30 }), 'away'],
			[DAY + 8 * HOUR, null, 'offline'],
			[DAY + 12 * HOUR, () => ann.say('offline', { minutes: 2880 }), 'offline'],
			[2 * DAY, null, 'offline'],
			[3 * DAY, null, 'offline'],
			[3 * DAY + 12 * HOUR, null, 'offline'],
			[4 * DAY, null, 'online'],
		]);
	});

	test('a day of heartbeats', () => {
		const desk = new Desk();
		const minute = (time: string) => {
			const [hours = 0, minutes = 0] = time.split(':').map(Number);
			return (hours - 8) * HOUR + minutes * MINUTE;
		};
		const beats: Array<[number, () => unknown, string]> = [];
		for (let time = minute('11:05'); time < minute('12:00'); time += 5 * MINUTE) {
			beats.push([time, () => desk.alive(), 'online']);
		}
		plays(desk, [
			[minute('09:00'), () => desk.alive(), 'online'],
			[minute('09:04'), () => desk.gone(), 'online'],
			[minute('09:05'), () => desk.alive(), 'online'],
			[minute('09:08'), () => desk.gone(), 'online'],
			[minute('09:10'), null, 'offline'],
			[minute('09:11'), () => desk.alive(), 'online'],
			[minute('09:12'), () => desk.say('away'), 'away'],
			[minute('09:15'), () => expect(desk.alive()).toBe(false), 'away'],
			[minute('11:00'), () => desk.say('online', { minutes: 60 }), 'online'],
			...beats,
			[minute('12:00'), null, 'online'],
		]);
		expect(desk.story).toEqual([
			'09:00 offline → online',
			'09:10 online → offline',
			'09:11 offline → online',
			'09:12 online → away',
			'11:00 away → online',
		]);
	});
});
