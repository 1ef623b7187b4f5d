import { createHmac } from 'node:crypto';

/** A request as n8n hands it to a webhook node. */
export interface Posted {
	headers: Record<string, string>;
	query?: Record<string, string>;
	rawBody?: Buffer;
	readRawBody?: () => Promise<void>;
}

export interface Answer {
	status?: number;
	type?: string;
	body?: unknown;
	headers: Record<string, string>;
	ended: boolean;
}

/** Writes down what a node answers by itself. */
export function answerRecorder() {
	const answer: Answer = { headers: {}, ended: false };
	const response = {
		answer,
		setHeader(name: string, value: string) {
			answer.headers[name] = value;
			return response;
		},
		status(status: number) {
			answer.status = status;
			return response;
		},
		type(type: string) {
			answer.type = type;
			return response;
		},
		send(body: unknown) {
			answer.body = body;
			return response;
		},
		json(body: unknown) {
			answer.body = body;
			return response;
		},
		end() {
			answer.ended = true;
			return response;
		},
	};
	return response;
}

/** A POST whose body is this text or value. */
export function posted(body: unknown, headers: Record<string, string> = {}): Posted {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return {
		headers: { 'content-type': 'application/json', ...headers },
		rawBody: Buffer.from(text),
	};
}

/** A POST that Meta signed with this secret. */
export function postedByMeta(body: unknown, appSecret: string): Posted {
	const request = posted(body);
	const digest = createHmac('sha256', appSecret).update(request.rawBody!).digest('hex');
	request.headers['x-hub-signature-256'] = `sha256=${digest}`;
	return request;
}

/** The body of Plain Webhook. */
export const plainMessage = (who: string, id: string, text = 'Hello', more: object = {}) => ({
	contact: { id: who, name: who },
	message: { id, text, ...more },
});
