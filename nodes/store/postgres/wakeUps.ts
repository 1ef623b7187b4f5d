import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { pg, type PgClientConfig } from '../../vendor';
import type { WakeTopic } from '../engine';

/** First and longest pause before the listening connection is made anew. Milliseconds. */
const RECONNECT = { first: 500, longest: 30_000 };

/** Wake-ups of one topic within this time are sent as one. Milliseconds. */
const GATHER = 20;

const TOPICS: WakeTopic[] = ['deliveries', 'work'];

/**
 * Wake-ups between the processes of one store, by LISTEN and NOTIFY. They may get lost (a broken
 * connection): polling stands behind them.
 *
 * They are sent after the commit, not in the transaction: the server lets transactions that notify
 * commit one after the other only.
 */
export class WakeUps {
	private readonly emitter = new EventEmitter().setMaxListeners(0);
	private readonly channel: string;
	/** This process, which has heard of its own wake-ups already. */
	private readonly self = randomUUID();
	private readonly gathering = new Set<WakeTopic>();
	private client: InstanceType<typeof pg.Client> | undefined;
	private retry: NodeJS.Timeout | undefined;
	private pause = RECONNECT.first;
	private broken = false;
	private closed = false;

	constructor(
		private readonly config: PgClientConfig,
		schema: string,
		private readonly send: (channel: string, payload: string) => Promise<unknown>,
	) {
		const name = createHash('sha256').update(schema).digest('hex').slice(0, 24);
		this.channel = `conversation_store_${name}`;
	}

	wake(topic: WakeTopic): void {
		this.emitter.emit('wake', topic);
		if (this.gathering.has(topic)) return;
		this.gathering.add(topic);
		setTimeout(() => {
			this.gathering.delete(topic);
			if (this.closed) return;
			// A server that cannot be reached cannot pass it on; the others poll.
			this.send(this.channel, `${topic} ${this.self}`).catch(() => undefined);
		}, GATHER).unref();
	}

	/** Listens as long as the store is open, from the first listener on. */
	onWake(listener: (topic: WakeTopic) => void): () => void {
		this.emitter.on('wake', listener);
		if (!this.client && !this.retry && !this.closed) this.listen();
		return () => this.emitter.off('wake', listener);
	}

	close(): void {
		this.closed = true;
		clearTimeout(this.retry);
		this.client?.end().catch(() => undefined);
		this.client = undefined;
	}

	private listen(): void {
		const client = new pg.Client({ ...this.config, query_timeout: undefined });
		this.client = client;
		const again = () => {
			if (this.client !== client) return;
			this.client = undefined;
			this.broken = true;
			client.end().catch(() => undefined);
			this.listenLater();
		};
		client.on('error', again);
		client.on('end', again);
		client.on('notification', ({ payload = '' }) => this.heard(payload));
		client
			.connect()
			.then(async () => await client.query(`listen ${this.channel}`))
			.then(() => {
				// Alone it keeps no process alive. (The type does not know the method; pg has it.)
				(client as unknown as { unref(): void }).unref();
				this.pause = RECONNECT.first;
				// Whatever happened while nobody listened.
				if (this.broken) for (const topic of TOPICS) this.emitter.emit('wake', topic);
				this.broken = false;
			})
			.catch(again);
	}

	private listenLater(): void {
		if (this.closed) return;
		this.retry = setTimeout(() => {
			this.retry = undefined;
			if (!this.closed) this.listen();
		}, this.pause);
		this.retry.unref();
		this.pause = Math.min(this.pause * 2, RECONNECT.longest);
	}

	private heard(payload: string): void {
		const [topic, sender] = payload.split(' ');
		const known = TOPICS.find((each) => each === topic);
		if (known && sender !== this.self) this.emitter.emit('wake', known);
	}
}
