import * as fc from 'fast-check';
import type { Availability } from '../../../nodes/decisions/contracts';
import { MINUTE, SECOND } from '../support/engines';
import { anyAgent, client, command, missingAgent, type Command } from './command';
import { heardOf, missed, obeyed } from './presence';

/** Who is there, and who says so. */

interface Times {
	/** Null: until further notice. Milliseconds, as the others. */
	lasts: number | null;
	grace: number;
	delay: number;
}

const inWords = ({ lasts, grace, delay }: Times) =>
	[
		...(lasts === null ? [] : [`for ${lasts / SECOND} s`]),
		...(grace === 0 ? [] : [`with ${grace / SECOND} s of grace`]),
		...(delay === 0 ? [] : [`in ${delay / SECOND} s`]),
	].join(', ');

function saying(by: number, key: string, is: Availability, times: Times): Command {
	const { lasts, grace, delay } = times;
	return command({
		client: by,
		name: `${key} is ${is} ${inWords(times)}`,
		async call(store, { now }) {
			const onlineUntil = lasts === null ? null : now + lasts;
			const word = { key, availability: is, onlineUntil, grace, delay };
			await store.setAvailability({ ...word, source: 'user' });
			return { served: is === 'online' ? [key] : [] };
		},
		mayEndWith: () => ['AgentNotFound'],
		refusal: (world) => missingAgent(world, key),
		alone({ model, now }) {
			const agent = model.agents.get(key);
			if (!agent) return;
			const until = lasts === null ? null : now + lasts;
			const said = obeyed(agent.said, { availability: is, until, grace, delay }, now);
			model.agents.set(key, { ...agent, said });
		},
	});
}

function beating(by: number, key: string, alive: boolean, times: Times): Command {
	const { lasts, grace, delay } = times;
	return command({
		client: by,
		name: `heartbeat of ${key}: ${alive ? 'alive' : 'gone'} ${inWords(times)}`,
		async call(store, { now }) {
			const { applied } = await store.setAvailability({
				...{ key, grace, delay, heartbeat: true, source: 'heartbeat' },
				availability: alive ? 'online' : 'offline',
				onlineUntil: alive ? now + (lasts ?? MINUTE) : null,
			});
			return { read: applied, served: alive && applied ? [key] : [] };
		},
		mayEndWith: () => ['AgentNotFound'],
		refusal: (world) => missingAgent(world, key),
		alone({ model, now }, { read }) {
			const agent = model.agents.get(key);
			if (!agent) return;
			const until = now + (lasts ?? MINUTE);
			const said = alive
				? heardOf(agent.said, { until, grace }, now)
				: missed(agent.said, delay, now);
			expect(read).toBe(said !== undefined);
			if (said) model.agents.set(key, { ...agent, said });
		},
	});
}

const grace = fc.constantFrom(0, 0, 45 * SECOND);
const delay = fc.constantFrom(0, 0, 0, MINUTE);

export const presenceCommands: Array<fc.WeightedArbitrary<Command>> = [
	{
		weight: 4,
		arbitrary: fc
			.tuple(
				client,
				anyAgent,
				fc.constantFrom<Availability>('online', 'online', 'away', 'offline'),
				fc.record({ lasts: fc.constantFrom(null, null, MINUTE, 10 * MINUTE), grace, delay }),
			)
			// Only away and offline come later.
			.map(([by, key, is, times]) =>
				saying(
					by,
					key,
					is,
					is === 'online'
						? { ...times, delay: 0 }
						: times.delay > 0
							? { ...times, lasts: null, grace: 0 }
							: { ...times, grace: 0 },
				),
			),
	},
	{
		weight: 4,
		arbitrary: fc
			.tuple(
				client,
				anyAgent,
				fc.constantFrom(true, true, false),
				fc.record({ lasts: fc.constantFrom(30 * SECOND, 2 * MINUTE), grace, delay }),
			)
			.map(([by, key, alive, times]) =>
				beating(
					by,
					key,
					alive,
					alive ? { ...times, delay: 0 } : { ...times, lasts: null, grace: 0 },
				),
			),
	},
];
