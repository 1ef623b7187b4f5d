import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
	method: string;
	url: string;
	headers: IncomingMessage['headers'];
	body: string;
}

type Answering = (response: ServerResponse, asked: Asked) => void;

/** A system of customers on this machine that answers as a test says, and remembers what it was asked. */
export class Crm {
	readonly asked: Asked[] = [];
	private answering: Answering = () => {};
	private waiting: Array<() => void> = [];
	private readonly server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			const { method = '', url = '', headers } = request;
			const asked = { method, url, headers, body };
			this.asked.push(asked);
			for (const tell of this.waiting.splice(0)) tell();
			this.answering(response, asked);
		});
		response.on('close', () => {
			if (!response.writableFinished) this.abandoned++;
			for (const tell of this.waiting.splice(0)) tell();
		});
	});
	/** Requests whose asker went away before the answer. */
	abandoned = 0;

	async start(): Promise<void> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	get port(): number {
		return (this.server.address() as AddressInfo).port;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	answers(answering: Answering): void {
		this.answering = answering;
	}

	answersJson(value: unknown, status = 200): void {
		this.answers((response) => {
			response.writeHead(status, { 'content-type': 'application/json' });
			response.end(JSON.stringify(value));
		});
	}

	/** Resolves when something came in or an asker went away, and `what` holds. */
	async until(what: () => boolean): Promise<void> {
		while (!what()) await new Promise<void>((resolve) => this.waiting.push(resolve));
	}
}
