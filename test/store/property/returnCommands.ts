import * as fc from 'fast-check';
import { DEFAULT_RETURNS, type QueuePolicy } from '../../../nodes/store/operations/queuePolicy';
import { HOUR, MINUTE } from '../support/engines';
import { accept, decline, snooze, toAgent, toTeam, wake } from '../support/returning';
import type { Conversation } from './assignmentCommands';
import {
	anyAgent,
	anyTeam,
	atOnce,
	client,
	closedOrUnknown,
	closedOrUnknownAtOnce,
	command,
	conversationOf,
	maybe,
	missingAgent,
	missingTeam,
	who,
	whose,
	type Command,
	type World,
} from './command';
import { poolOf } from './choice';

/** What agents do with what they were given, and how it comes back. */

const rowOf = (world: World, of: string) =>
	world.before.conversations.get(conversationOf(world, of));

/** Whoever has it; somebody who has not, where one is named or nobody does. */
const holderOf = (world: World, of: string, other: string | undefined) =>
	other ?? rowOf(world, of)?.assignee_key ?? 'ann';

const notTheirs = (world: World, of: string, agent: string) =>
	closedOrUnknown(world, conversationOf(world, of)) ??
	(rowOf(world, of)?.assignee_key === agent ? undefined : ('NotAssignedToAgent' as const));

/** Whether it has come back often enough, this time included. Written once more. */
function escalates({ before }: World, row: Conversation, agent: string): boolean {
	if (row.escalated_at !== null) return false;
	const policy = JSON.parse(row.queue_policy ?? '{}') as Partial<QueuePolicy>;
	const { atMost } = policy.returns ?? DEFAULT_RETURNS;
	const excluded = [...(JSON.parse(row.excluded_agents) as string[]), agent];
	const pool = poolOf(before, { team: policy.everybody ? null : row.team_key });
	return row.returns + 1 > atMost || pool.every(({ key }) => excluded.includes(key));
}

function declining(by: number, of: string, other: string | undefined): Command {
	return command({
		client: by,
		name: `${other ?? 'its agent'} declines ${of}`,
		async call(store, world) {
			const agent = holderOf(world, of, other);
			const { escalated, outcome, conversation } = await decline(
				store,
				conversationOf(world, of),
				agent,
			);
			const now = conversation.assignee?.key ?? null;
			expect(outcome).toBe(now === null ? 'queued' : 'assigned');
			return { read: { escalated, now }, served: [agent] };
		},
		mayEndWith: (world) => [
			closedOrUnknownAtOnce(world, conversationOf(world, of)),
			'NotAssignedToAgent',
		],
		refusal: (world) => notTheirs(world, of, holderOf(world, of, other)),
		alone(world, said) {
			const row = rowOf(world, of);
			const agent = holderOf(world, of, other);
			const { escalated, now } = said.read as { escalated: boolean; now: string | null };
			expect(escalated).toBe(row !== undefined && escalates(world, row, agent));
			if (!escalated) expect(now).not.toBe(agent);
		},
	});
}

function accepting(by: number, of: string, other: string | undefined): Command {
	return command({
		client: by,
		name: `${other ?? 'its agent'} accepts ${of}`,
		async call(store, world) {
			const { alreadyAccepted } = await accept(
				store,
				conversationOf(world, of),
				holderOf(world, of, other),
			);
			return { read: alreadyAccepted };
		},
		mayEndWith: (world) => [
			closedOrUnknownAtOnce(world, conversationOf(world, of)),
			'NotAssignedToAgent',
		],
		refusal: (world) => notTheirs(world, of, holderOf(world, of, other)),
		alone(world, said) {
			const told = world.before.events.filter(
				({ type, conversation_id: id }) =>
					id === conversationOf(world, of) && ['assigned', 'woken', 'accepted'].includes(type),
			);
			expect(said.read).toBe(told.at(-1)?.type === 'accepted');
		},
	});
}

/** A person gives it to a colleague: that counts, and asks for nothing. */
function giving(by: number, of: string, agent: string): Command {
	return command({
		client: by,
		name: `give ${of} to ${agent}`,
		async call(store, world) {
			const id = conversationOf(world, of);
			const before = rowOf(world, of)?.assignee_key ?? null;
			const { alreadyAssigned, conversation } = await toAgent(store, id, agent);
			expect(conversation.assignee?.key).toBe(agent);
			return {
				conversation: id,
				assigned: { conversation: id, agent, already: alreadyAssigned },
				served: before === null || before === agent ? [] : [before],
			};
		},
		mayEndWith: (world) => [
			closedOrUnknownAtOnce(world, conversationOf(world, of)),
			'AgentNotFound',
		],
		refusal: (world) =>
			closedOrUnknown(world, conversationOf(world, of)) ?? missingAgent(world, agent),
		alone: (world, said) =>
			expect(said.assigned?.already).toBe(rowOf(world, of)?.assignee_key === agent),
	});
}

function handingOver(by: number, of: string, team: string): Command {
	return command({
		client: by,
		name: `hand ${of} over to the team ${team}`,
		async call(store, world) {
			const before = rowOf(world, of)?.assignee_key ?? null;
			const { outcome, conversation } = await toTeam(store, conversationOf(world, of), team);
			const agent = conversation.assignee?.key ?? null;
			expect(outcome).toBe(agent === null ? 'queued' : 'assigned');
			return {
				read: { team: conversation.team?.key, agent },
				served: before === null ? [] : [before],
			};
		},
		mayEndWith: (world) => [
			closedOrUnknownAtOnce(world, conversationOf(world, of)),
			'TeamNotFound',
		],
		refusal: (world) =>
			closedOrUnknown(world, conversationOf(world, of)) ?? missingTeam(world, team),
		alone({ before }, said) {
			const { team: now, agent } = said.read as { team: string; agent: string | null };
			expect(now).toBe(team);
			if (agent !== null) expect(before.agents.get(agent)?.teams).toContain(team);
		},
	});
}

function snoozing(by: number, of: string, lasts: number | null): Command {
	return command({
		client: by,
		name: `snooze ${of}${lasts === null ? '' : ` for ${lasts / MINUTE} minutes`}`,
		async call(store, world) {
			const row = rowOf(world, of);
			const until = lasts === null ? null : world.now + lasts;
			const { alreadySnoozed, conversation } = await snooze(
				store,
				conversationOf(world, of),
				until,
			);
			expect(conversation.status).toBe('snoozed');
			const freed = row?.status === 'open' ? row.assignee_key : null;
			return { read: alreadySnoozed, served: freed === null ? [] : [freed] };
		},
		mayEndWith: (world) => [closedOrUnknownAtOnce(world, conversationOf(world, of))],
		refusal: (world) => closedOrUnknown(world, conversationOf(world, of)),
		alone(world, said) {
			const { status, snoozed_until: until } = rowOf(world, of) ?? {};
			const same = until === (lasts === null ? null : world.now + lasts);
			expect(said.read).toBe(status === 'snoozed' && same);
		},
	});
}

function waking(by: number, of: string): Command {
	return command({
		client: by,
		name: `wake ${of}`,
		async call(store, world) {
			const { alreadyAwake, conversation } = await wake(store, conversationOf(world, of));
			expect(conversation.status).toBe('open');
			return { read: alreadyAwake };
		},
		mayEndWith: (world) => [closedOrUnknownAtOnce(world, conversationOf(world, of))],
		refusal: (world) => closedOrUnknown(world, conversationOf(world, of)),
		alone: (world, said) => expect(said.read).toBe(rowOf(world, of)?.status === 'open'),
	});
}

/** Most often it is theirs. */
const other = fc.oneof(
	{ weight: 5, arbitrary: fc.constant(undefined) },
	{ weight: 1, arbitrary: anyAgent },
);
const lasts = fc.constantFrom(null, MINUTE, HOUR);

export const returnCommands: Array<fc.WeightedArbitrary<Command>> = [
	{ weight: 5, arbitrary: fc.tuple(client, whose, other).map((given) => declining(...given)) },
	{ weight: 2, arbitrary: fc.tuple(client, whose, other).map((given) => accepting(...given)) },
	{ weight: 3, arbitrary: fc.tuple(client, whose, anyAgent).map((given) => giving(...given)) },
	{ weight: 3, arbitrary: fc.tuple(client, whose, anyTeam).map((given) => handingOver(...given)) },
	{ weight: 4, arbitrary: fc.tuple(client, whose, lasts).map((given) => snoozing(...given)) },
	{ weight: 2, arbitrary: fc.tuple(client, whose).map((given) => waking(...given)) },
];

const few = fc.constantFrom('a', 'b');

/** Several people have the same conversations in hand. */
export const RETURN_RUSHES: Array<fc.Arbitrary<Command[]>> = [
	atOnce(
		fc.oneof(
			fc.tuple(client, few, maybe(anyAgent)).map((given) => declining(...given)),
			fc.tuple(client, few, maybe(anyAgent)).map((given) => accepting(...given)),
			fc.tuple(client, few, fc.constantFrom('ann', 'bob')).map((given) => giving(...given)),
		),
	),
	atOnce(
		fc.oneof(
			fc.tuple(client, few, lasts).map((given) => snoozing(...given)),
			fc.tuple(client, few).map((given) => waking(...given)),
			fc.tuple(client, who, fc.constantFrom('ann', 'bob')).map((given) => giving(...given)),
			fc.tuple(client, few, fc.constant('care')).map((given) => handingOver(...given)),
		),
	),
];
