import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import type { Engine } from '../../../nodes/store/engine';
import { isStoreError } from '../../../nodes/store/errors';
import { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { HOUR, SECOND, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	anyCommand,
	anyPause,
	deskCommand,
	receivingFrom,
	rush,
	subscribing,
	TRIGGERS,
	upsertingAgent,
	upsertingTeam,
} from './commands';
import { anyFirstAssignment } from './assignmentCommands';
import { AGENTS, TEAMS, WHO, type Command, type Said } from './command';
import { readFacts, type Facts } from './facts';
import {
	idlePairs,
	violationsAtRest,
	violationsOfAgreement,
	violationsOfQueue,
	violationsOfState,
	violationsOfStep,
	type Played,
} from './invariants';
import { Model } from './model';
import { PATIENCE, RUNS, SEED, SHRINK } from './runs';

const CLIENTS = 3;
const FIRST = WHO.slice(0, 5);

/**
 * Two teams, three agents, all triggers and some customers: commands find somebody to deal with. At a
 * desk the customers are with agents, or wait for them.
 */
const beginning = ({ capacity, desk }: Pick<Given, 'capacity' | 'desk'>): Step[] =>
	[
		...TEAMS.map((team) => upsertingTeam(0, team)),
		...AGENTS.slice(0, 3).map((agent) =>
			upsertingAgent(0, agent, { teams: TEAMS, capacity, availability: 'online' }),
		),
		...TRIGGERS.map((which) => subscribing(0, which, 'subscribe')),
		...FIRST.map((who) => receivingFrom(0, who)),
		...desk,
	].map((command) => ({ command, pause: SECOND }));

/** One workspace with several clients, and what has happened in it. */
class Run {
	model = new Model();
	facts!: Facts;
	/** Delivery to the executions that were told to act. */
	readonly acted = new Map<string, Set<string>>();

	private constructor(
		readonly clients: ConversationStore[],
		readonly clock: TestClock,
	) {}

	/** In a workspace of its own, by a client on each of these connections. */
	static async begin(engines: Engine[], clock: TestClock): Promise<Run> {
		const workspace = randomUUID();
		const clients = engines.map((engine) => new ConversationStore(engine, workspace, clock));
		const run = new Run(clients, clock);
		run.facts = await readFacts(run.store(0));
		return run;
	}

	store(client: number): ConversationStore {
		const store = this.clients[client % this.clients.length];
		if (!store) throw new Error('No client');
		return store;
	}

	/** @returns what it said, or the error by its code; anything else is thrown */
	async call(command: Command, shift = 0): Promise<Said | { error: string }> {
		const world = { model: this.model, before: this.facts, now: this.clock() };
		const store = this.store(command.client + shift);
		const answer = await command.call(store, world).catch((error: unknown) => {
			if (!isStoreError(error)) throw error;
			return { error: error.code };
		});
		if ('acts' in answer && answer.acts) {
			const { delivery, execution } = answer.acts;
			this.acted.set(delivery, (this.acted.get(delivery) ?? new Set()).add(execution));
		}
		return answer;
	}

	/** All triggers go, and time passes while the pump works: what is left then is left for ever. */
	async comeToRest(): Promise<void> {
		const store = this.store(0);
		for (const { id } of this.facts.subscriptions) await store.endSubscription(id);
		for (let hours = 0; hours < 30; hours += 10) {
			this.clock.advance(10 * HOUR);
			while ((await store.doDueWork()) > 0);
			// n8n has forgotten whatever waited.
			for (const { groupId, lease } of await store.claimResumes({ limit: 1_000 })) {
				await store.finishResume({ groupId, lease, answer: 'gone' });
			}
		}
		this.facts = await readFacts(store);
		expect(violationsAtRest(this.facts, this.acted, this.clock())).toEqual([]);
		expect(violationsOfState(this.facts)).toEqual([]);
		await assertConsistent(store, store.workspace);
	}
}

/** One command alone: the model foretells it, and every rule holds after it. */
async function playAlone(run: Run, command: Command): Promise<void> {
	const before = run.facts;
	const world = { model: run.model, before, now: run.clock() };
	const refusal = command.refusal(world);
	let told = false;
	const stop = run.store(command.client).engine.onWake((topic) => (told ||= topic === 'work'));
	const answer = await run.call(command);
	stop();
	if (refusal !== undefined || 'error' in answer) {
		expect({ error: refusal, command: command.name }).toEqual({ ...answer, command: command.name });
	} else command.alone(world, answer);
	// Another client than the one that was told: 11, what is acknowledged holds for all.
	run.facts = await readFacts(run.store(command.client + 1));
	const said = 'error' in answer ? undefined : answer;
	expect([
		...run.model.differences(run.facts, run.clock()),
		...violationsOfState(run.facts),
		...violationsOfStep(before, run.facts, [{ command, said }]),
		...violationsOfQueue(before, run.facts, { said, at: run.clock(), told }),
	]).toEqual([]);
	if (command.changesNothing) expect(run.facts).toEqual(before);
	await servedByPump(run, command.client + 2);
}

/**
 * Time makes agents free, too, or lets somebody wait no longer for one of them; nobody calls then, and
 * the pump looks. After it nobody waits while an agent could take it.
 */
async function servedByPump(run: Run, client: number): Promise<void> {
	const before = run.facts;
	if (idlePairs(before, run.clock()).length === 0) return;
	const store = run.store(client);
	// Ids of different clients are in the order of what happened from one moment to the next.
	run.clock.advance(1);
	while ((await store.doDueWork()) > 0);
	run.facts = await readFacts(store);
	const at = run.clock();
	expect([
		...run.model.differences(run.facts, at),
		...violationsOfState(run.facts),
		...violationsOfStep(before, run.facts, []),
		...violationsOfQueue(before, run.facts, { said: { served: 'all' }, at, told: true }),
		...idlePairs(run.facts, at).map((pair) => `8: ${pair}: waits, and the pump has looked`),
	]).toEqual([]);
}

/** Several commands at once: each ends well or with a legitimate error, and together they agree. */
async function playAtOnce(run: Run, commands: Command[]): Promise<void> {
	const before = run.facts;
	const world = { model: run.model, before, now: run.clock() };
	const answers = await Promise.all(commands.map(async (command) => await run.call(command)));
	const played = commands.map((command, i): Played => {
		const answer = answers[i];
		if (!answer || 'error' in answer) {
			expect(command.mayEndWith(world)).toContain(answer?.error);
			return { command, said: undefined };
		}
		return { command, said: answer };
	});
	const reader = run.store(0);
	run.facts = await readFacts(reader);
	run.model = Model.of(run.facts);
	expect([
		...violationsOfState(run.facts),
		...violationsOfStep(before, run.facts, played),
		...violationsOfAgreement(before, run.facts, played),
	]).toEqual([]);
	await assertConsistent(reader, reader.workspace);
}

/** What happened, without the ids: the same for the same sequence, whoever calls. */
function story({ facts, clock }: Run): unknown {
	const number = new Map([...facts.conversations.keys()].sort().map((id, i) => [id, i]));
	const events = facts.events.map(({ at, type, conversation_id, data }) => [
		at,
		type,
		conversation_id && number.get(conversation_id),
		data.agent,
		data.team,
	]);
	return { at: clock(), events };
}

/** Each read is a later moment, so that ids and times sort as things happened. */
function runningClock(): TestClock {
	const clock = testClock();
	return Object.assign(
		() => {
			clock.advance(1);
			return clock();
		},
		{ advance: clock.advance },
	);
}

interface Step {
	command: Command;
	pause: number;
}

/** A counterexample is read as the names of its commands. */
const withName = (command: Command): Command =>
	Object.assign(
		{ ...command },
		{ [fc.toStringMethod]: () => `client ${command.client}: ${command.name}` },
	);

/** Of the agents who are there from the beginning. */
const capacity = fc.constantFrom(1, 1, null);

const nobody = fc.constant<Command[]>([]);
const atDesk = fc.tuple(...FIRST.map(anyFirstAssignment)).map((commands) => commands.map(withName));

interface Given {
	capacity: number | null;
	/** With what work it begins. */
	desk: Command[];
}

/** Not the short ones first, as is the habit: what goes wrong, goes wrong late. */
const sequenceOf = (one: fc.Arbitrary<Command>, desk: fc.Arbitrary<Command[]>) =>
	fc.record({
		...{ capacity, desk },
		steps: fc.array(fc.record({ command: one.map(withName), pause: anyPause }), {
			...{ minLength: 1, maxLength: 60, size: 'max' },
		}),
	});

const sequence = fc.noBias(
	fc.oneof(sequenceOf(anyCommand, nobody), sequenceOf(deskCommand, atDesk)),
);

const batchesOf = (one: fc.Arbitrary<Command>, desk: fc.Arbitrary<Command[]>) =>
	fc.record({
		...{ capacity, desk },
		steps: fc.array(
			fc.record({
				commands: fc.oneof(
					fc.array(one.map(withName), { minLength: 2, maxLength: 6, size: 'max' }),
					rush.map((commands) => commands.map(withName)),
				),
				pause: anyPause,
			}),
			{ minLength: 1, maxLength: 12, size: 'max' },
		),
	});

const batches = fc.noBias(fc.oneof(batchesOf(anyCommand, nobody), batchesOf(deskCommand, atDesk)));

/** Random operations by several clients of one store: one after the other, and at once. */
export function propertySuite(engine: EngineUnderTest): void {
	const engines: Engine[] = [];
	let sequences = 0;
	let operations = 0;
	beforeAll(async () => {
		for (let i = 0; i < CLIENTS; i++) engines.push((await engine.openClient()).engine);
	});
	afterAll(() => {
		process.stdout.write(
			`${engine.name}: ${sequences} sequences, ${operations} operations, seed ${SEED}\n`,
		);
	});

	const check = async <T>(
		values: fc.Arbitrary<T>,
		play: (value: T) => Promise<void>,
		numRuns = RUNS,
	) => {
		const property = fc.asyncProperty(values, async (value) => {
			sequences++;
			await play(value);
		});
		await fc.assert(property, { numRuns, seed: SEED, endOnFailure: !SHRINK });
	};

	test(
		'one after the other: the model foretells each',
		async () => {
			await check(sequence, async (given) => {
				const run = await Run.begin(engines, testClock());
				for (const { command, pause } of [...beginning(given), ...given.steps]) {
					run.clock.advance(pause);
					await playAlone(run, command);
					operations++;
				}
				await run.comeToRest();
			});
		},
		RUNS * PATIENCE,
	);

	test(
		'invariant 7: the same again, by other clients, gives the same',
		async () => {
			const twice = async (given: Given & { steps: Step[] }) => {
				const steps = [...beginning(given), ...given.steps];
				const told = await tell(engines, steps, 0);
				expect(await tell(engines, steps, 1)).toEqual(told);
				operations += 2 * steps.length;
			};
			await check(sequence, twice, Math.ceil(RUNS / 5));
		},
		RUNS * PATIENCE,
	);

	test(
		'at once: every rule holds, whatever the order',
		async () => {
			await check(batches, async (given) => {
				const run = await Run.begin(engines, runningClock());
				for (const { command } of beginning(given)) {
					run.facts = await readFacts(run.store(0));
					run.model = Model.of(run.facts);
					await run.call(command);
				}
				run.facts = await readFacts(run.store(0));
				run.model = Model.of(run.facts);
				for (const { commands, pause } of given.steps) {
					run.clock.advance(pause);
					await playAtOnce(run, commands);
					operations += commands.length;
				}
				await run.comeToRest();
			});
		},
		RUNS * PATIENCE,
	);
}

/** The same sequence in a workspace of its own, by clients that `shift` says. */
async function tell(engines: Engine[], steps: Step[], shift: number): Promise<unknown> {
	const run = await Run.begin(engines, testClock());
	for (const { command, pause } of steps) {
		run.clock.advance(pause);
		await run.call(command, shift);
		run.facts = await readFacts(run.store(0));
		run.model = Model.of(run.facts);
	}
	return story(run);
}
