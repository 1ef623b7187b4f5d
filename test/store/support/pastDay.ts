import type { ReplayPolicy } from '../../../nodes/decisions/assignmentReplayQueue';
import type { ConversationStore } from '../../../nodes/store/store';
import type { TestClock } from './engines';
import { seededRandom } from './random';
import { assign, close, opened, route, setOnline } from './samples';

export const POLICIES: ReplayPolicy[] = [
	{ strategy: 'roundRobin', onlyOnline: true, maxOpen: null },
	{ strategy: 'leastOpen', onlyOnline: true, maxOpen: 2 },
	{ strategy: 'lowestLoad', onlyOnline: true, maxOpen: null },
	{ strategy: 'longestIdle', onlyOnline: false, maxOpen: null },
];

const CONVERSATIONS = 40;
const LENGTH = 4 * 60 * 60_000;

/**
 * Lives through some hours of a store: conversations come, agents come and go, and each conversation
 * is closed after a time that was fixed before anybody had it.
 *
 * @returns who got each conversation first, and when
 */
export async function liveThrough(
	store: ConversationStore,
	clock: TestClock,
	{ policy, seed }: { policy: ReplayPolicy; seed: number },
): Promise<Record<string, [string | null, number | null]>> {
	const random = seededRandom(seed);
	const among = <T>(values: T[]) => values[Math.floor(random() * values.length)]!;
	const start = clock();
	const skilled = ['loans'];
	for (const key of ['sales', 'care']) await store.upsertTeam({ key });
	for (const [key, teams] of Object.entries({
		a: ['sales'],
		b: ['sales', 'care'],
		c: ['care'],
		d: ['sales'],
	})) {
		const capacity = among([1, 2, 3]);
		const skills = among([skilled, []]);
		await store.upsertAgent({
			key,
			teams,
			capacity,
			skills,
			availability: 'online',
			source: 'user',
		});
	}
	interface Step {
		at: number;
		run(): Promise<void>;
	}
	const steps: Step[] = [];
	const handling = new Map<string, number>();
	const lived: Record<string, [string | null, number | null]> = {};
	const moments = new Set<number>();
	/** No two things happen at once: which came first would be anybody's guess. */
	const momentAfter = (at: number): number => {
		for (let moment = at; ; moment++) {
			if (moments.has(moment)) continue;
			moments.add(moment);
			return moment;
		}
	};
	const somewhen = () => momentAfter(start + 1 + Math.floor(random() * LENGTH));
	for (let index = 0; index < CONVERSATIONS; index++) {
		const lasts = 60_000 + Math.floor(random() * 50 * 60_000);
		const wishes = {
			policy: { ...policy, skills: random() < 0.2 ? skilled : [] },
			weight: among([1, 1, 1, 2]),
			priority: among([0, 0, 0, 5]),
			to: random() < 0.1 ? { kind: 'everybody' as const } : { kind: 'routed' as const },
			exclude: random() < 0.1 ? ['a'] : [],
		};
		const team = among(['sales', 'sales', 'care']);
		steps.push({
			at: somewhen(),
			async run() {
				const id = await opened(store, `c${index}`);
				await route(store, id, team);
				handling.set(id, lasts);
				lived[id] = [null, null];
				await assign(store, id, wishes);
			},
		});
	}
	for (let index = 0; index < 24; index++) {
		const agent = among(['a', 'b', 'c', 'd']);
		const is = random() < 0.6;
		steps.push({ at: somewhen(), run: async () => void (await setOnline(store, agent, is)) });
	}
	for (;;) {
		steps.sort((a, b) => a.at - b.at);
		const step = steps.shift();
		if (!step) return lived;
		clock.advance(step.at - clock());
		await step.run();
		for (const [id, outcome] of Object.entries(lived)) {
			if (outcome[0] !== null) continue;
			const { assignee } = (await store.getConversation(id)).conversation;
			if (!assignee) continue;
			lived[id] = [assignee.key, clock()];
			// To the millisecond, so that it lasts as long whoever has it.
			const at = clock() + handling.get(id)!;
			moments.add(at);
			steps.push({ at, run: async () => void (await close(store, id)) });
		}
	}
}
