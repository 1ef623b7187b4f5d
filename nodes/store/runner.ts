import type { Selectable } from '../vendor';
import { systemClock, type Clock } from './clock';
import type { Engine, WakeTopic } from './engine';
import { conversationNotFound } from './errors';
import { idSource } from './ids';
import { realWorkspaceOf, RETURN_WINDOW, testWorkspaceOf, type Operation } from './operation';
import type { SubscriptionTable } from './schema';

export type Run<I, O> = (operation: Operation, input: I) => Promise<O>;

/** Runs operations, each in one transaction, in one workspace of a store. */
export abstract class OperationRunner {
	private readonly newId: () => string;

	constructor(
		readonly engine: Engine,
		readonly workspace: string,
		readonly clock: Clock = systemClock,
	) {
		this.newId = idSource(clock);
	}

	protected async run<I, O>(operation: Run<I, O>, input: I): Promise<O> {
		return await this.within(this.workspace, operation, input);
	}

	/** For long reads: one moment of the store, while others write. Locks nothing and must not write. */
	protected async read<I, O>(operation: Run<I, O>, input: I): Promise<O> {
		return await this.engine.snapshot(async (tx) => {
			const reading = this.operation(tx, this.workspace, new Set());
			return await operation({ ...reading, rowLocks: false }, input);
		});
	}

	/** Teams, agents and categories are one set: who changes them in a test run changes the real ones. */
	protected async runReal<I, O>(operation: Run<I, O>, input: I): Promise<O> {
		return await this.within(realWorkspaceOf(this.workspace), operation, input);
	}

	/** In the workspace of this conversation: the store's own, or its test workspace. */
	protected async runFor<I, O>(id: string, operation: Run<I, O>, input: I): Promise<O> {
		return await this.within(
			async (tx) => {
				const row = await tx
					.selectFrom('conversations')
					.select('workspace')
					.where('id', '=', id)
					.executeTakeFirst();
				const mine = [this.workspace, testWorkspaceOf(this.workspace)];
				if (!row || !mine.includes(row.workspace)) throw conversationNotFound(id);
				return row.workspace;
			},
			operation,
			input,
		);
	}

	private async within<I, O>(
		workspace: string | ((tx: Operation['tx']) => Promise<string>),
		run: Run<I, O>,
		input: I,
	): Promise<O> {
		const topics = new Set<WakeTopic>();
		const result = await this.engine.transaction(async (tx) => {
			topics.clear();
			const here = typeof workspace === 'string' ? workspace : await workspace(tx);
			return await run(this.operation(tx, here, topics), input);
		});
		for (const topic of topics) this.engine.wake(topic);
		return result;
	}

	private operation(tx: Operation['tx'], workspace: string, topics: Set<WakeTopic>): Operation {
		const now = this.clock();
		let subscribed: Promise<Array<Selectable<SubscriptionTable>>> | undefined;
		return {
			tx,
			now,
			workspace,
			rowLocks: this.engine.rowLocks,
			newId: this.newId,
			wake: (topic) => topics.add(topic),
			holdNames: async (names, shared) => await this.engine.holdNames(tx, names, shared),
			held: { pools: undefined, agents: new Set() },
			subscriptions: async () => {
				subscribed ??= tx
					.selectFrom('subscriptions')
					.selectAll()
					.where('workspace', '=', workspace)
					.where((eb) =>
						eb.or([eb('ended_at', 'is', null), eb('ended_at', '>', now - RETURN_WINDOW)]),
					)
					.execute();
				return await subscribed;
			},
		};
	}
}
