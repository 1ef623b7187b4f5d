import { until } from './waiting';
import type { JsonObject } from './types';

/** A message that n8n sends to an open editor. */
export interface PushMessage {
	type: string;
	data: JsonObject;
}

/**
 * The connection over which n8n tells an editor what happens in its manual runs. Messages are kept
 * from the moment it is open, so one that comes before it is asked for is not lost.
 */
export class PushConnection {
	/** Everything heard so far. */
	readonly messages: PushMessage[] = [];

	private constructor(
		/** Goes with every request whose results shall be told here. */
		readonly pushRef: string,
		private readonly socket: WebSocket,
	) {}

	/** Opens the connection of one editor tab. */
	static async open(
		url: string,
		pushRef: string,
		headers: Record<string, string>,
	): Promise<PushConnection> {
		const address = `${url.replace(/^http/, 'ws')}/rest/push?pushRef=${pushRef}`;
		// n8n refuses a socket whose origin is not its own address.
		const socket = new WebSocket(address, { headers: { ...headers, origin: url } });
		// n8n sends the output of nodes as binary frames, everything else as text.
		socket.binaryType = 'arraybuffer';
		const connection = new PushConnection(pushRef, socket);
		socket.addEventListener('message', (event: { data: unknown }) => {
			const { data } = event;
			const text = data instanceof ArrayBuffer ? Buffer.from(data).toString() : String(data);
			connection.messages.push(JSON.parse(text) as PushMessage);
		});
		await new Promise<void>((resolve, reject) => {
			socket.addEventListener('open', () => resolve());
			socket.addEventListener('error', () => reject(new Error(`No connection to ${address}`)));
		});
		return connection;
	}

	/** The first message of the type that fits, also when it came before. */
	async next(
		type: string,
		fits: (data: JsonObject) => boolean = () => true,
		timeout = 30_000,
	): Promise<PushMessage> {
		return await until(
			() => this.messages.find((message) => message.type === type && fits(message.data)),
			{ what: `the push message "${type}"`, timeout, interval: 20 },
		);
	}

	/** Closes the connection. */
	close(): void {
		this.socket.close();
	}
}
