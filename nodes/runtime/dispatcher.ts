import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
	DELIVERY_LEASE,
	type ClaimedDelivery,
	type DeliveryOutcome,
} from '../store/operations/deliveries';
import { isQueueMode } from '../store/settings';
import { SUBSCRIPTION_LEASE } from '../store/operations/subscriptions';
import type { ConversationStore } from '../store/store';

/** Polling stands behind the wake-ups, which do not cross processes on every engine. Milliseconds. */
const POLL_INTERVAL = 1_000;

/** A slot comes back after this even if its execution still runs. Milliseconds. */
const SLOT_LIMIT = 5 * 60_000;

/**
 * A run that nobody saw end: its execution lived in a process of n8n that is gone, so it is judged
 * soon; a worker may still be at it. Milliseconds.
 */
const UNSEEN_RUN_LIMIT = { regular: 60_000, queue: 10 * 60_000 };

/** Webhooks go first: with the event loop this late, fewer executions are started. Milliseconds. */
const LATE = 100;

/** An execution's end as n8n reports it; undefined when n8n knew the deduplication key already. */
export type RunEnd = { status: string } | undefined;

export interface DispatcherOptions {
	store: ConversationStore;
	subscriptionId: string;
	/** Executions in flight at most. */
	limit: number;
	/** Starts an execution; resolves when it has ended or waits, rejects when nobody knows. */
	emit(item: NonNullable<ClaimedDelivery['item']>, deduplicationKey: string): Promise<RunEnd>;
	onFailure(error: unknown): void;
	/** What a rejected `emit` means; unless said otherwise, that nobody knows whether it started. */
	outcomeOf?(error: unknown): DeliveryOutcome;
}

/**
 * Turns what a subscription is owed into executions: claims deliveries, at most `limit` at a time,
 * keeps the claims while this process lives, and tells the store how each run went. A process that
 * dies leaves claims that end, and another claims them.
 */
export class Dispatcher {
	private readonly inFlight = new Map<string, { since: number; holdsSlot: boolean }>();
	private readonly unseenRunLimit = UNSEEN_RUN_LIMIT[isQueueMode() ? 'queue' : 'regular'];
	private readonly timers: NodeJS.Timeout[] = [];
	private readonly delay = monitorEventLoopDelay({ resolution: 20 });
	private stopListening: (() => void) | undefined;
	private claiming = false;
	private again = false;
	private stopped = false;

	constructor(private readonly options: DispatcherOptions) {}

	async start(): Promise<void> {
		this.delay.enable();
		this.stopListening = this.options.store.engine.onWake((topic) => {
			if (topic === 'deliveries') setImmediate(() => void this.dispatch());
		});
		this.every(POLL_INTERVAL, async () => await this.dispatch());
		this.every(DELIVERY_LEASE / 3, async () => await this.renew());
		this.every(SUBSCRIPTION_LEASE / 3, async () => {
			await this.options.store.renewSubscription(this.options.subscriptionId);
		});
		void this.dispatch();
	}

	/** Claims nothing more. Runs in flight keep their claims until they end. */
	stop(): void {
		this.stopped = true;
		this.stopListening?.();
		this.delay.disable();
		if (this.inFlight.size === 0) this.clearTimers();
	}

	private every(interval: number, work: () => Promise<void>): void {
		const timer = setInterval(() => {
			work().catch((error: unknown) => this.options.onFailure(error));
		}, interval);
		timer.unref();
		this.timers.push(timer);
	}

	private clearTimers(): void {
		for (const timer of this.timers) clearInterval(timer);
	}

	private async dispatch(): Promise<void> {
		if (this.claiming) {
			this.again = true;
			return;
		}
		this.claiming = true;
		try {
			do {
				this.again = false;
				const free = this.freeSlots();
				if (this.stopped || free === 0) return;
				const { store, subscriptionId } = this.options;
				const { unseenRunLimit } = this;
				const claimed = await store.claimDeliveries({
					subscriptionId,
					limit: free,
					unseenRunLimit,
				});
				// Read each time: a restored or imported store has another one, and n8n must not take its
				// deliveries for those that it knows.
				const storeId = claimed.length > 0 ? await store.storeId() : '';
				for (const delivery of claimed) void this.run(delivery, storeId);
			} while (this.again);
		} catch (error) {
			this.options.onFailure(error);
		} finally {
			this.claiming = false;
		}
	}

	private freeSlots(): number {
		const now = this.options.store.clock();
		let taken = 0;
		for (const slot of this.inFlight.values()) {
			if (slot.holdsSlot && now - slot.since > SLOT_LIMIT) slot.holdsSlot = false;
			if (slot.holdsSlot) taken++;
		}
		const late = this.delay.mean / 1e6 > LATE;
		this.delay.reset();
		const limit = late ? Math.max(1, Math.floor(this.options.limit / 4)) : this.options.limit;
		return Math.max(0, limit - taken);
	}

	private async run(delivery: ClaimedDelivery, storeId: string): Promise<void> {
		const { store, emit, onFailure } = this.options;
		const { id, item, generation } = delivery;
		this.inFlight.set(id, { since: store.clock(), holdsSlot: true });
		try {
			if (item === null) {
				await store.finishDelivery({ id, outcome: { kind: 'ran', status: 'gone' } });
				return;
			}
			const outcome = await emit(item, `${storeId}:${id}:${generation}`).then(
				(end) =>
					end === undefined
						? ({ kind: 'duplicate' } as const)
						: ({ kind: 'ran', status: end.status } as const),
				(error: unknown) => {
					onFailure(error);
					return this.options.outcomeOf?.(error) ?? ({ kind: 'notStarted' } as const);
				},
			);
			await store.finishDelivery({ id, outcome, unseenRunLimit: this.unseenRunLimit });
		} catch (error) {
			onFailure(error);
		} finally {
			this.inFlight.delete(id);
			if (this.stopped && this.inFlight.size === 0) this.clearTimers();
			else void this.dispatch();
		}
	}

	private async renew(): Promise<void> {
		await this.options.store.renewDeliveries([...this.inFlight.keys()]);
	}
}
