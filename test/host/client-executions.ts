import type { N8nClient } from './client';
import { decodeFlatted } from './flatted';
import type { Execution, ExecutionStatus, ExecutionSummary, OutputItem } from './types';
import { sleep } from './waiting';

const PAGE_SIZE = 100;
const EVERY_STATUS: ExecutionStatus[] = [
	'canceled',
	'crashed',
	'error',
	'new',
	'running',
	'success',
	'unknown',
	'waiting',
];
const UNFINISHED: ExecutionStatus[] = ['new', 'running'];

/** Which executions to list. */
export interface ExecutionFilter {
	workflowId?: string;
	status?: ExecutionStatus[];
	mode?: string;
}

/** Executions of an n8n. */
export class Executions {
	constructor(private readonly client: N8nClient) {}

	/** All executions that fit, newest first. */
	async list({ status = EVERY_STATUS, ...filter }: ExecutionFilter = {}): Promise<
		ExecutionSummary[]
	> {
		const found: ExecutionSummary[] = [];
		for (;;) {
			const lastId = found.at(-1)?.id;
			const { results } = await this.client.request<{ results: ExecutionSummary[] }>(
				'GET',
				'/executions',
				undefined,
				{
					params: {
						// Without a status n8n answers with a mixed list that cannot be paged through.
						filter: JSON.stringify({ ...filter, status }),
						limit: String(PAGE_SIZE),
						...(lastId ? { lastId } : {}),
					},
				},
			);
			found.push(...results);
			if (results.length < PAGE_SIZE) return found;
		}
	}

	/** An execution with its data. */
	async get(id: string): Promise<Execution> {
		const execution = await this.client.request<Omit<Execution, 'data'> & { data: string }>(
			'GET',
			`/executions/${id}`,
		);
		return { ...execution, data: decodeFlatted(execution.data) as Execution['data'] };
	}

	/** Stops a running or waiting execution. */
	async stop(id: string): Promise<void> {
		await this.client.request('POST', `/executions/${id}/stop`, {});
	}

	/**
	 * Resolves when nothing runs and no execution was added for `quiet` milliseconds. Executions
	 * that wait (for an agent, for an answer) count as still.
	 */
	async waitUntilQuiet(filter: ExecutionFilter, quiet = 2_000, timeout = 120_000): Promise<void> {
		const deadline = Date.now() + timeout;
		let count = -1;
		let since = Date.now();
		while (Date.now() - since < quiet) {
			if (Date.now() > deadline) throw new Error('Executions did not come to an end');
			await sleep(200);
			const all = await this.list(filter);
			if (all.length !== count || all.some(({ status }) => UNFINISHED.includes(status))) {
				since = Date.now();
			}
			count = all.length;
		}
	}

	/** The items that a node gave on one of its outputs in its last run. */
	static itemsOf(execution: Execution, nodeName: string, output = 0): OutputItem[] {
		const run = execution.data.resultData.runData[nodeName]?.at(-1);
		return run?.data?.main?.[output] ?? [];
	}
}
