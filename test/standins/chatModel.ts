import { startStandIn, type Received, type StandIn } from './standIn';

/** A call of a tool that the model asks for. */
export interface ToolCall {
	name: string;
	arguments: Record<string, unknown>;
}

/** What the model says in one turn: calls of tools, or its last word. */
export type Turn = ToolCall[] | string;

interface ChatRequest {
	messages: Array<{ role: string; content: unknown; tool_call_id?: string }>;
	tools?: Array<{ type: 'function'; function: { name: string; parameters: ToolSchema } }>;
	stream?: boolean;
}

interface ToolSchema {
	properties?: Record<string, unknown>;
	required?: string[];
}

export interface ChatModel extends StandIn {
	/** Plays these turns for every new dialogue. */
	play(turns: Turn[]): void;
	/** Tools of the last request with the arguments that each takes. */
	offered(): Record<string, string[]>;
	/** What the tools of the last dialogue answered, the first first. */
	answers(): string[];
}

/**
 * The chat completions of OpenAI (API reference, "Create chat completion") as far as tools need them:
 * a call is only taken for a tool that was offered and with the arguments it requires, and each call
 * has to be answered by a message of role `tool` with its ID before the model goes on.
 */
export async function startChatModel(): Promise<ChatModel> {
	let turns: Turn[] = [];
	const requests: ChatRequest[] = [];

	const reply = ({ path, body }: Received) => {
		if (path !== '/v1/chat/completions') return { status: 404, body: { error: { message: path } } };
		const request = body as ChatRequest;
		requests.push(request);
		const asked = request.messages.filter(({ role }) => role === 'assistant').length;
		const unanswered = openCalls(request);
		if (unanswered.length > 0) return refuse(`No answer to ${unanswered.join(', ')}`);
		const turn = turns[asked] ?? 'Done.';
		if (typeof turn === 'string') return completion({ content: turn });
		for (const call of turn) {
			const problem = problemOf(request, call);
			if (problem) return refuse(problem);
		}
		return completion({
			content: null,
			tool_calls: turn.map((call, index) => ({
				id: `call_${asked}_${index}`,
				type: 'function',
				function: { name: call.name, arguments: JSON.stringify(call.arguments) },
			})),
		});
	};

	const standIn = await startStandIn(reply);
	return {
		...standIn,
		play(next) {
			turns = next;
		},
		offered() {
			const tools = requests.at(-1)?.tools ?? [];
			return Object.fromEntries(
				tools.map(({ function: { name, parameters } }) => [
					name,
					Object.keys(parameters.properties ?? {}),
				]),
			);
		},
		answers: () =>
			(requests.at(-1)?.messages ?? [])
				.filter(({ role }) => role === 'tool')
				.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content))),
	};
}

const refuse = (message: string) => ({
	status: 400,
	body: { error: { message, type: 'invalid_request_error', param: 'messages', code: null } },
});

function completion(message: { content: string | null; tool_calls?: unknown[] }) {
	const finish_reason = message.tool_calls ? 'tool_calls' : 'stop';
	return {
		body: {
			...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'gpt-4o-mini' },
			choices: [
				{
					index: 0,
					message: { role: 'assistant', refusal: null, ...message },
					logprobs: null,
					finish_reason,
				},
			],
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		},
	};
}

function problemOf({ tools = [] }: ChatRequest, call: ToolCall): string | undefined {
	const tool = tools.find(({ function: { name } }) => name === call.name);
	if (!tool) {
		const known = tools.map(({ function: { name } }) => name).join(', ');
		return `No tool '${call.name}' among ${known}`;
	}
	const missing = (tool.function.parameters.required ?? []).filter(
		(name) => !(name in call.arguments),
	);
	return missing.length > 0 ? `'${call.name}' lacks ${missing.join(', ')}` : undefined;
}

/** IDs of calls that no message of role `tool` answers. */
function openCalls({ messages }: ChatRequest): string[] {
	const answered = new Set(messages.map(({ tool_call_id: id }) => id));
	return messages
		.flatMap((message) => (message as { tool_calls?: Array<{ id: string }> }).tool_calls ?? [])
		.map(({ id }) => id)
		.filter((id) => !answered.has(id));
}
