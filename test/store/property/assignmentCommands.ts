import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import type { AssignmentStrategy } from '../../../nodes/decisions/contracts';
import type { AssignConversationInput } from '../../../nodes/store/operations/assignConversation';
import type { QueuePolicy, ReturnPolicy } from '../../../nodes/store/operations/queuePolicy';
import { DAY, HOUR, MINUTE, SECOND } from '../support/engines';
import { runOf } from '../support/assignmentWaits';
import { assign } from '../support/samples';
import { candidatesFor, choiceFor, isAhead, sameQueue, wishOf, type WishRow } from './choice';
import {
	AGENTS,
	anyAgent,
	anyTeam,
	client,
	closedOrUnknown,
	closedOrUnknownAtOnce,
	command,
	conversationOf,
	maybe,
	missingAgent,
	missingTeam,
	some,
	TEAMS,
	whose,
	type Command,
	type World,
} from './command';
import { openOnes, type Facts } from './facts';

/** How a conversation gets its agent. What the agent does with it is in returnCommands.ts. */

export type Conversation = ReturnType<typeof openOnes>[number];
type Target = AssignConversationInput['to'];

/** What one call asks for beside its policy. */
export type Wishes = Partial<
	Pick<AssignConversationInput, 'weight' | 'priority' | 'relaxAfter' | 'dryRun'>
> & {
	prefer?: { within: number; waitAtMost: number };
	/** How long the execution waits where nobody is free. */
	waitFor?: number;
};

export const SKILLS = ['refunds', 'Technical'];

const queueFor = (to: Target) =>
	to.kind === 'agent' ? to.agent : to.kind === 'everybody' ? '' : null;

/** The conversation as it would wait: with the wishes that the call writes down. Written once more. */
function asAsked(
	{ before, now }: World,
	row: Conversation,
	asked: { to: Target; policy: QueuePolicy; exclude: string[]; wishes: Wishes },
) {
	const { to, policy, exclude, wishes } = asked;
	const since = row.first_queued_at ?? now;
	const relaxes =
		wishes.relaxAfter === undefined
			? {}
			: { relax_at: wishes.relaxAfter === null ? null : since + wishes.relaxAfter };
	return {
		...row,
		...(to.kind === 'team' ? { team_key: to.team } : {}),
		queue_for: queueFor(to),
		queue_policy: JSON.stringify(policy),
		excluded_agents: JSON.stringify([...(JSON.parse(row.excluded_agents) as string[]), ...exclude]),
		weight: wishes.weight ?? row.weight,
		priority: wishes.priority ?? row.priority,
		queue_entered_at: since,
		...relaxes,
		...(wishes.prefer ? agentBefore(before, row, wishes.prefer, { now, since }) : {}),
	};
}

/** Who had the contact's conversation before; the wait for that agent fades with the time since. */
function agentBefore(
	facts: Facts,
	row: Conversation,
	{ within, waitAtMost }: NonNullable<Wishes['prefer']>,
	{ now, since }: { now: number; since: number },
): Pick<WishRow, 'prefer_agent' | 'prefer_until'> {
	const [last] = [...facts.conversations.values()]
		.filter((one) => one.contact_key === row.contact_key && one.ordinal < row.ordinal)
		.sort((a, b) => b.ordinal - a.ordinal);
	const ago = now - Number(last?.closed_at);
	if (!last?.assignee_key || last.closed_at === null || ago >= within) {
		return { prefer_agent: null, prefer_until: null };
	}
	const wait = Math.round(waitAtMost * (1 - ago / within));
	return { prefer_agent: last.assignee_key, prefer_until: wait === 0 ? null : since + wait };
}

/** Whether somebody who waits in the same queue is served first: then the choice depends on that. */
const othersFirst = ({ before, now }: World, asked: Conversation) =>
	openOnes(before).some(
		(row) =>
			row.id !== asked.id &&
			row.queue_entered_at !== null &&
			sameQueue(row, asked) &&
			isAhead(row, asked) &&
			candidatesFor(before, wishOf(row, now), now).length > 0,
	);

/** Assigns by a policy; with `dryRun` it only says what would be. */
export function assigning(
	by: number,
	of: string,
	to: Target,
	policy: QueuePolicy,
	exclude: string[],
	wishes: Wishes = {},
): Command {
	const target = to.kind === 'agent' ? to.agent : to.kind === 'team' ? to.team : to.kind;
	const refusedTarget = (world: World) =>
		missingTeam(
			world,
			to.kind === 'team' ? to.team : undefined,
			policy.returns?.escalateTo ?? undefined,
		) ?? (to.kind === 'agent' ? missingAgent(world, to.agent) : undefined);
	const rowIn = (world: World) => world.before.conversations.get(conversationOf(world, of));
	const assigneeIn = (world: World) => rowIn(world)?.assignee_key ?? null;
	return command({
		client: by,
		name: `${wishes.dryRun ? 'say who would get' : 'assign'} ${of} to ${target}: ${JSON.stringify({ ...policy, ...wishes, ...(exclude.length > 0 ? { exclude } : {}) })}`,
		...(wishes.dryRun ? { changesNothing: true } : {}),
		async call(store, world) {
			const id = conversationOf(world, of);
			const { waitFor, ...asked } = wishes;
			// A run is known by its execution here, so that it can be found again by either.
			const groupId = randomUUID();
			const run = { groupId, executionId: groupId, waitFor: waitFor ?? 0 };
			const wait = waitFor === undefined ? {} : { wait: runOf(run) };
			const result = await assign(store, id, { to, policy, exclude, ...asked, ...wait });
			const waits = waitFor !== undefined && waitFor > 0 && !wishes.dryRun;
			expect(result.waitId !== undefined).toBe(waits && result.outcome === 'queued');
			if (wishes.dryRun) {
				const { outcome, alreadyAssigned, decision } = result;
				const chosen = decision?.chosen?.key ?? null;
				expect(alreadyAssigned || (chosen === null) === (outcome === 'queued')).toBe(true);
				return { read: alreadyAssigned ? result.conversation.assignee?.key : chosen };
			}
			const agent = result.conversation.assignee?.key ?? null;
			expect(agent === null).toBe(result.outcome === 'queued');
			return { assigned: { conversation: id, agent, already: result.alreadyAssigned } };
		},
		mayEndWith: (world) => [
			closedOrUnknownAtOnce(world, conversationOf(world, of)),
			...(to.kind === 'team' || policy.returns?.escalateTo ? ['TeamNotFound' as const] : []),
			...(to.kind === 'agent' ? ['AgentNotFound' as const] : []),
		],
		refusal: (world) =>
			closedOrUnknown(world, conversationOf(world, of)) ??
			(assigneeIn(world) === null ? refusedTarget(world) : undefined),
		alone(world, said) {
			const row = rowIn(world);
			if (!row) return;
			const assignee = assigneeIn(world);
			if (assignee !== null) {
				if (wishes.dryRun) expect(said.read).toBe(assignee);
				else expect(said.assigned).toMatchObject({ agent: assignee, already: true });
				return;
			}
			const asked = asAsked(world, row, { to, policy, exclude, wishes });
			const agent = choiceFor(world.before, wishOf(asked, world.now), world.now);
			if (wishes.dryRun)
				expect({ invariant: 7, agent: said.read }).toEqual({ invariant: 7, agent });
			else if (!othersFirst(world, asked)) {
				expect({ invariant: 7, ...said.assigned }).toMatchObject({ agent, already: false });
			}
		},
	});
}

export function unassigning(by: number, of: string, requeue: boolean): Command {
	return command({
		client: by,
		name: `take ${of} off its agent${requeue ? ', back to the queue' : ''}`,
		async call(store, world) {
			const id = conversationOf(world, of);
			const assignee = world.before.conversations.get(id)?.assignee_key;
			await store.unassignConversation({
				conversationId: id,
				requeue,
				reason: 'returned',
				source: 'user',
			});
			return { conversation: id, served: assignee ? [assignee] : [] };
		},
		mayEndWith: (world) => [closedOrUnknownAtOnce(world, conversationOf(world, of))],
		refusal: (world) => closedOrUnknown(world, conversationOf(world, of)),
	});
}

/** A wish is more often not there than there: those of several rarely meet otherwise. */
const seldom = <T>(value: fc.Arbitrary<T>) =>
	fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const others: AssignmentStrategy[] = ['leastOpen', 'lowestLoad', 'longestIdle'];
const inTurns = fc.constantFrom<AssignmentStrategy>(
	...Array<'roundRobin'>(4).fill('roundRobin'),
	...others,
);

const returns: fc.Arbitrary<ReturnPolicy> = fc.record({
	noReplyWithin: fc.constantFrom(null, MINUTE, 10 * MINUTE),
	offlineFor: fc.constantFrom(null, MINUTE),
	atMost: fc.constantFrom(0, 1, 2),
	escalateTo: fc.constantFrom(null, ...TEAMS),
});

const policy = (strategy: fc.Arbitrary<AssignmentStrategy>): fc.Arbitrary<QueuePolicy> =>
	fc
		.record({
			strategy,
			onlyOnline: fc.boolean(),
			maxOpen: fc.constantFrom(null, null, 1, 2),
			skills: seldom(fc.subarray(SKILLS, { minLength: 1 })),
			language: seldom(fc.constantFrom('ar', 'pt', 'pt-BR')),
			returns: maybe(returns),
		})
		.map((values) => some(values) as QueuePolicy);

/** None makes another worthless: relaxed before the agent before is given up, and after it. */
const wishes: fc.Arbitrary<Wishes> = fc
	.record({
		weight: seldom(fc.constantFrom(1, 2, 3)),
		priority: seldom(fc.constantFrom(0, 5)),
		relaxAfter: maybe(fc.constantFrom(null, 30 * SECOND, 30 * SECOND, 10 * MINUTE)),
		prefer: maybe(
			fc.record({
				within: fc.constantFrom(HOUR, 2 * DAY),
				waitAtMost: fc.constantFrom(0, MINUTE, HOUR),
			}),
		),
		waitFor: maybe(fc.constantFrom(0, MINUTE, HOUR)),
		dryRun: fc.constantFrom(undefined, undefined, undefined, undefined, true as const),
	})
	.map((values) => some(values) as Wishes);

const anyTeamThere = fc.constantFrom(...TEAMS);

const exclude = fc.oneof(
	{ weight: 4, arbitrary: fc.constant<string[]>([]) },
	{ weight: 1, arbitrary: fc.subarray(AGENTS, { maxLength: 2 }) },
);

/** Somebody who has written is given to a team, whose agents have hands to take them, or not. */
export const anyFirstAssignment = (of: string): fc.Arbitrary<Command> =>
	fc
		.tuple(anyTeamThere, policy(inTurns), wishes)
		.map(([team, how, asked]) => assigning(0, of, { kind: 'team', team }, how, [], asked));

/** With what weight each is among all commands. */
export const assignmentCommands: Array<fc.WeightedArbitrary<Command>> = [
	{
		weight: 13,
		arbitrary: fc
			.tuple(
				client,
				whose,
				fc.oneof(
					fc.constant({ kind: 'routed' as const }),
					anyTeam.map((team) => ({ kind: 'team' as const, team })),
				),
				policy(inTurns),
				exclude,
				wishes,
			)
			.map((given) => assigning(...given)),
	},
	{
		weight: 4,
		arbitrary: fc
			.tuple(
				client,
				whose,
				fc.oneof(
					fc.constant({ kind: 'everybody' as const }),
					anyAgent.map((agent) => ({ kind: 'agent' as const, agent })),
				),
				// Not in turns: events do not say that the pool was not the team (see invariants.ts).
				policy(fc.constantFrom(...others)),
				exclude,
				wishes,
			)
			.map((given) => assigning(...given)),
	},
	{
		weight: 3,
		arbitrary: fc.tuple(client, whose, fc.boolean()).map((given) => unassigning(...given)),
	},
];
