import { randomUUID } from 'node:crypto';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { Bench, RunOptions } from './bench';
import { byKey, partOf } from './samples';

export const toBilling: INodeParameters = { assignTo: 'team', team: byKey('billing') };

/** A run of Auto-Assign Agent, and what n8n does with it afterwards. */
export interface Run extends Awaited<ReturnType<Bench['execute']>> {
	executionId: string;
	/** The pump's call, unless another is made. */
	call(body?: unknown): ReturnType<Bench['resume']>;
	/** What the call has to name. */
	group(): Promise<string>;
}

/** Runs the node with these items, in an execution of its own unless one is named. */
export async function runOf(
	bench: Bench,
	items: INodeExecutionData[],
	parameters: INodeParameters = {},
	options: Partial<RunOptions> = {},
): Promise<Run> {
	const executionId = options.executionId ?? randomUUID();
	const run: RunOptions = {
		...{
			parameters: 'assignTo' in parameters ? parameters : { ...toBilling, ...parameters },
			items,
		},
		...{ ...options, executionId },
	};
	const result = await bench.execute('autoAssignAgent', run);
	const group = async () => {
		const { db } = (await bench.store()).engine;
		const { group_id: id } = await db
			.selectFrom('waits')
			.select('group_id')
			.where('execution_id', '=', executionId)
			.orderBy('id', 'desc')
			.limit(1)
			.executeTakeFirstOrThrow();
		return id;
	};
	return {
		...result,
		executionId,
		group,
		call: async (...given) => {
			const body = given.length > 0 ? given[0] : { wait: await group() };
			return await bench.resume('autoAssignAgent', body, run);
		},
	};
}

const ENDS = ['Assigned', 'Timed Out', 'Ended'];

/** By which output each item left, with what the node says of it. */
export const left = (outputs: INodeExecutionData[][] | null | undefined) =>
	(outputs ?? []).flatMap((items, output) =>
		items.map((item) => ({
			by: ENDS[output] ?? 'Error',
			item: (item.pairedItem as { item: number }).item,
			...partOf(item, 'assignment'),
		})),
	);
