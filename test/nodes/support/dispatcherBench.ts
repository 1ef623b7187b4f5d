import { randomUUID } from 'node:crypto';
import perfHooks from 'node:perf_hooks';
import { Dispatcher, type RunEnd } from '../../../nodes/runtime/dispatcher';
import { ConversationStore } from '../../../nodes/store/store';
import {
	SECOND,
	sqliteEngine,
	testClock,
	type EngineUnderTest,
	type TestClock,
} from '../../store/support/engines';
import { message, receive, trigger } from '../../store/support/samples';
import { settle } from './until';

export interface Run {
	key: string;
	who: string | null | undefined;
	end: (end: RunEnd) => void;
	fail: (error: Error) => void;
}

/** Dispatchers of one subscription, whose time stands still until the test moves it. */
export class DispatcherBench {
	clock!: TestClock;
	store!: ConversationStore;
	subscriptionId!: string;
	/** How late the event loop is, in nanoseconds; the machine of the tests has no say. */
	readonly loop = { mean: Number.NaN, enable: () => true, disable: () => true, reset: () => {} };
	private readonly engine: EngineUnderTest = sqliteEngine();
	private readonly subscriber = trigger();
	private readonly dispatchers: Dispatcher[] = [];

	async setUp(): Promise<void> {
		jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
		this.loop.mean = Number.NaN;
		jest.spyOn(perfHooks, 'monitorEventLoopDelay').mockReturnValue(this.loop as never);
		this.clock = testClock();
		this.store = await this.engine.openStore({ clock: this.clock });
		this.subscriber.workflowId = randomUUID();
		({ id: this.subscriptionId } = await this.store.subscribe(this.subscriber));
	}

	async tearDown(): Promise<void> {
		for (const dispatcher of this.dispatchers.splice(0)) dispatcher.stop();
		await settle();
		jest.restoreAllMocks();
		jest.useRealTimers();
	}

	async cleanUp(): Promise<void> {
		await this.engine.cleanUp();
	}

	/** A dispatcher with what it has emitted and what failed. */
	async start(limit = 20, store = this.store) {
		const runs: Run[] = [];
		const failures: unknown[] = [];
		const dispatcher = new Dispatcher({
			store,
			subscriptionId: this.subscriptionId,
			limit,
			emit: async (item, key) =>
				await new Promise<RunEnd>((end, fail) => {
					runs.push({ key, who: item.contact?.name, end, fail });
				}),
			onFailure: (error) => failures.push(error),
		});
		this.dispatchers.push(dispatcher);
		await dispatcher.start();
		return { runs, failures, dispatcher };
	}

	/** The store as another process has it: with leases of its own. */
	anotherProcess(): ConversationStore {
		return new ConversationStore(this.store.engine, this.store.workspace, this.clock);
	}

	async open(...people: string[]): Promise<void> {
		const { store, subscriber } = this;
		for (const who of people) await receive(store, message(who), { subscriber });
	}

	/** Moves the store's clock and the timers; the event loop turns in between. */
	async advance(milliseconds: number): Promise<void> {
		for (let left = milliseconds; left > 0; left -= SECOND) {
			this.clock.advance(Math.min(left, SECOND));
			await jest.advanceTimersByTimeAsync(Math.min(left, SECOND));
			await settle();
		}
	}

	async deliveries() {
		return await this.store.engine.db
			.selectFrom('deliveries')
			.select(['status', 'run_status', 'attempts', 'generation', 'due_at'])
			.where('subscription_id', '=', this.subscriptionId)
			.orderBy('id')
			.execute();
	}
}
