import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call that a stand-in received. */
export interface Received {
	method: string;
	/** Without the query. */
	path: string;
	query: Record<string, string>;
	/** Names in lower case. */
	headers: Record<string, string>;
	rawBody: Buffer;
	/** JSON or a form as an object, files as `File`; otherwise the text. */
	body: unknown;
}

export interface Reply {
	status?: number;
	headers?: Record<string, string>;
	/** Written as JSON unless it is a text. */
	body?: unknown;
}

/**
 * A provider's interface on this machine, for tests. It does what the provider documents: who may
 * call, what is refused and in which words, how many calls it takes.
 */
export interface StandIn {
	/** Without a slash at its end. */
	url: string;
	/** All calls so far, the oldest first. */
	received: Received[];
	/** Answers the next calls that fit like this, whatever they are. */
	answerNext(reply: Reply, times?: number, fits?: (call: Received) => boolean): void;
	/** Cuts the connection of the next calls after they were received and carried out, without an answer. */
	hangUpNext(times?: number): void;
	close(): Promise<void>;
}

/** @param handle what the provider does; what it throws becomes a 500 with the message, for the test to see */
export async function startStandIn(
	handle: (call: Received) => Reply | Promise<Reply>,
): Promise<StandIn> {
	const received: Received[] = [];
	const forced: Array<{ reply: Reply; fits: (call: Received) => boolean }> = [];
	let hangUps = 0;
	const server = createServer((request, response) => {
		void (async () => {
			const call = await read(request);
			received.push(call);
			const index = forced.findIndex(({ fits }) => fits(call));
			const reply = index < 0 ? await handle(call) : forced.splice(index, 1)[0]!.reply;
			if (hangUps > 0) {
				hangUps--;
				request.socket.destroy();
				return;
			}
			const { status = 200, headers = {}, body } = reply;
			const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
			const type = typeof body === 'string' ? 'text/plain' : 'application/json';
			response.writeHead(status, { 'content-type': type, ...headers }).end(text);
		})().catch((error: unknown) => {
			response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	// A test that forgot to close it must not keep the process.
	server.unref();
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		received,
		answerNext(reply, times = 1, fits = () => true) {
			for (let i = 0; i < times; i++) forced.push({ reply, fits });
		},
		hangUpNext(times = 1) {
			hangUps = times;
		},
		async close() {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

async function read(request: IncomingMessage): Promise<Received> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	const rawBody = Buffer.concat(chunks);
	const url = new URL(request.url ?? '/', 'http://stand-in');
	const headers = Object.fromEntries(
		Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
	);
	return {
		method: request.method ?? '',
		path: url.pathname,
		query: Object.fromEntries(url.searchParams),
		headers,
		rawBody,
		body: await parsed(rawBody, headers['content-type'] ?? ''),
	};
}

async function parsed(rawBody: Buffer, type: string): Promise<unknown> {
	if (rawBody.length === 0) return undefined;
	if (type.includes('json')) return JSON.parse(rawBody.toString('utf8')) as unknown;
	if (type.includes('form')) {
		const form = await new Response(new Uint8Array(rawBody), {
			headers: { 'content-type': type },
		}).formData();
		const fields: Record<string, unknown> = {};
		for (const [name, value] of form) {
			const earlier = fields[name];
			if (earlier === undefined) fields[name] = value;
			else fields[name] = Array.isArray(earlier) ? [...earlier, value] : [earlier, value];
		}
		return fields;
	}
	return rawBody.toString('utf8');
}
