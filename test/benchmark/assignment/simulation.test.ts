import type { AssignmentStrategy } from '../../../nodes/decisions/contracts';
import { drawChart } from './chart';
import { drawDay, rushHour, type Day } from './day';
import { figuresOf, gini } from './figures';
import { plotsOf } from './plots';
import { duration, jsonOf, tablesOf, withTables } from './report';
import { playDay } from './simulate';
import { STRATEGIES } from './strategies';
import { Timetable } from './timetable';

/** Generously: the machine may have other things to do. Milliseconds. */
const PATIENCE = 300_000;

describe('a rush hour through the store', () => {
	let day: Day;
	beforeAll(() => {
		day = rushHour(drawDay(6, 10_000), 13, 400);
	});

	const play = async (strategy: AssignmentStrategy) => {
		const played = await playDay(day, strategy);
		expect(played).toMatchObject({ lost: 0, overCapacity: 0 });
		const numbers = played.served.map(({ conversation }) => conversation.number);
		expect(new Set(numbers)).toEqual(new Set(day.conversations.map(({ number }) => number)));
		expect(numbers).toHaveLength(400);
		const figures = figuresOf(day, played);
		// Else the hour would show nothing: some wait, and most do not.
		expect(figures.waits.atOnce).toBeGreaterThan(0.5);
		expect(figures.waits.atOnce).toBeLessThan(1);
		return { played, figures };
	};

	const toTheLast = async () => {
		const { played, figures } = await play('roundRobin');
		expect(await playDay(day, 'roundRobin')).toEqual(played);
		const plots = plotsOf(day, [played], [figures]);
		expect(Object.keys(plots)).toHaveLength(3);
		for (const svg of Object.values(plots)) expect(svg).not.toMatch(/NaN|undefined|Infinity/);
		expect(tablesOf([figures])).not.toMatch(/NaN|undefined|Infinity/);
		expect(JSON.parse(jsonOf({ seed: 6 }, [figures]))).toMatchObject({
			seed: 6,
			strategies: [{ strategy: 'roundRobin', assigned: 400, lost: 0 }],
		});
	};
	test('the same seed gives the same, to the last assignment', toTheLast, PATIENCE);

	test.each(STRATEGIES.filter((strategy) => strategy !== 'roundRobin'))(
		'nothing is lost, nobody is over capacity: %s',
		async (strategy) => void (await play(strategy)),
		PATIENCE,
	);
});

describe('the day', () => {
	test('is drawn from its seed', () => {
		expect(drawDay(1, 50)).toEqual(drawDay(1, 50));
		expect(drawDay(1, 50)).not.toEqual(drawDay(2, 50));
	});

	test('has 60 agents, and no two arrivals at one moment', () => {
		const { agents, conversations } = drawDay(1, 500);
		expect(agents).toHaveLength(60);
		const moments = new Set(conversations.map(({ arrivesAt }) => arrivesAt));
		expect(moments.size).toBe(500);
	});
});

describe('the timetable', () => {
	test('goes by time, then by the order in which things were written down', async () => {
		const timetable = new Timetable();
		const told: string[] = [];
		const tell = (what: string) => async () => void told.push(`${what} at ${timetable.now}`);
		for (const at of [5, 3, 9, 1, 7, 3, 8, 2]) timetable.at(at, tell(String(at)));
		timetable.at(3, tell('last of 3'));
		timetable.now = 2;
		timetable.at(1, tell('past'));
		timetable.now = 0;
		while (await timetable.next());
		expect(told).toEqual([
			...['1 at 1', '2 at 2', '3 at 3', '3 at 3', 'last of 3 at 3'],
			...['5 at 5', '7 at 7', '8 at 8', '9 at 9'],
		]);
	});
});

describe('the figures', () => {
	const of = (...values: number[]) => values.map((value) => ({ value, weight: 1 }));

	test('Gini: 0 for all the same, towards 1 for one who has all', () => {
		expect(gini(of(3, 3, 3))).toBe(0);
		expect(gini(of(0, 0, 0, 8))).toBe(0.75);
		expect(gini(of(1, 3))).toBe(0.25);
		expect(gini([])).toBe(0);
	});

	test('Gini: who weighs twice counts as two', () => {
		expect(
			gini([
				{ value: 1, weight: 2 },
				{ value: 4, weight: 1 },
			]),
		).toBeCloseTo(gini(of(1, 1, 4)));
	});

	test('durations are read by people', () => {
		expect([0, 59.6, 119, 120, 3725].map(duration)).toEqual([
			...['0 s', '60 s', '119 s', '2 min 0 s', '62 min 5 s'],
		]);
	});
});

describe('the page', () => {
	const page = `Before\n<!-- figures: begin (npm run benchmark:assignment) -->\nold\n<!-- figures: end -->\nAfter`;

	test('gets new tables where the old ones were, and keeps the rest', () => {
		const written = withTables(page, 'new');
		expect(written).toMatch(/^Before\n<!-- .* -->\n\nnew\n\n<!-- .* -->\nAfter$/);
		expect(withTables(written, 'new')).toBe(written);
	});

	test('says when it has no place for them', () => {
		expect(() => withTables('Nothing', 'new')).toThrow('The page has no <!-- figures');
	});

	test('a chart says what it shows, and escapes what it is told', () => {
		const axis = { label: 'a & b', from: 0, to: 1, ticks: [{ at: 0, text: '<0' }] };
		const series = [
			{
				name: 'flat',
				points: [
					[0, 0],
					[1, 1],
				] as Array<[number, number]>,
			},
			{
				name: 'under',
				area: true,
				points: [
					[0, 0],
					[1, 1],
				] as Array<[number, number]>,
			},
		];
		const svg = drawChart({ title: 'T', description: 'D', x: axis, y: axis, series });
		expect(svg).toContain('<title>T</title><desc>D</desc>');
		expect(svg).toContain('a &amp; b');
		expect(svg).toContain('&lt;0');
		expect(svg).toContain('prefers-color-scheme: dark');
		// The area lies behind the line, and ends at the bottom.
		expect(svg.indexOf('Z"/>')).toBeLessThan(svg.indexOf('stroke-dasharray="" d="M76 332L744 56"'));
	});
});
