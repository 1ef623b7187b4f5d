import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { conversationIdOf, itemParts } from '../runtime/conversationOfItem';
import { isTool, type ItemResult } from '../runtime/forEachItem';
import { resumeUrlOf } from '../runtime/waiting/calls';
import { failedItems } from '../runtime/waiting/items';
import type { AssignConversationResult } from '../store/operations/assignConversation';
import type { AssignmentWait } from '../store/operations/waits/assignments';
import type { ConversationStore } from '../store/store';
import { readForm, readRun, readWait } from './form';
import { outputOf, type OutputParameters } from './outputs';
import { assignmentOf, unassignmentOf } from './result';

/** Where the webhook of the node listens, behind n8n's address of the waiting execution. */
export const WAIT_PATH = 'conversation-assignment';

/** Why a run does not wait although its form says so. */
type Obstacle = 'continue' | 'dryRun' | 'several' | 'test' | 'tool';

/** One run of the node: what was assigned in it, and what waits now. */
export class Assigning {
	private readonly groupId = randomUUID();
	private readonly several: boolean;
	private readonly obstacle: Obstacle | undefined;
	private store: ConversationStore | undefined;
	private first: { conversationId: string; waitId: string } | undefined;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly saved: OutputParameters,
	) {
		this.several = context.getInputData().length > 1;
		this.obstacle = this.findObstacle();
	}

	/** Whether the execution has to wait for an agent. */
	get waits(): boolean {
		return this.first !== undefined;
	}

	async assign(
		item: INodeExecutionData,
		index: number,
		store: ConversationStore,
	): Promise<ItemResult> {
		const { context, saved } = this;
		this.store = store;
		const { id, hint } = await conversationIdOf(context, store, item, index);
		if (saved.assignTo === 'nobody') return await this.unassign(id, item, index, hint);
		const form = await readForm(context, store, id, index);
		const wait = this.obstacle === undefined ? this.waitOf(index) : undefined;
		const dryRun = this.obstacle === 'dryRun';
		const result = await store.assignConversation({
			...form,
			...(wait ? { wait } : {}),
			...(dryRun ? { dryRun } : {}),
		});
		if (result.waitId !== undefined) {
			this.first ??= { conversationId: result.conversation.id, waitId: result.waitId };
			// It leaves when its wait is over.
			return { json: {}, many: [], ...(hint ? { hint } : {}) };
		}
		const hints = [hint, this.hintFor(result)].filter(Boolean).join('. ');
		return {
			json: { ...itemParts(result, item), assignment: assignmentOf(result, { dryRun }) },
			output: outputOf(result.outcome, saved),
			...(hints === '' ? {} : { hint: hints }),
		};
	}

	/** Where nothing waits, the items leave now. What stays in the store because it fails, the pump removes. */
	async dropKept(): Promise<void> {
		if (!this.several || this.obstacle !== undefined) return;
		await this.store?.dropWaitGroup({ groupId: this.groupId }).catch(() => undefined);
	}

	/** Items that failed leave together with those that wait. */
	async keepFailures(outputs: INodeExecutionData[][]): Promise<void> {
		if (!this.first || !this.store) return;
		const failed = failedItems(outputs);
		if (failed.length > 0) await this.store.describeRun({ ...this.first, run: { failed } });
	}

	private async unassign(
		conversationId: string,
		item: INodeExecutionData,
		index: number,
		hint: string | undefined,
	): Promise<ItemResult> {
		const after = await this.store!.unassignConversation({
			conversationId,
			requeue: this.context.getNodeParameter('requeue', index, true) as boolean,
			reason: 'unassigned by workflow',
			source: 'workflow',
		});
		return {
			json: { ...itemParts(after, item), assignment: unassignmentOf(after) },
			...(hint ? { hint } : {}),
		};
	}

	private findObstacle(): Obstacle | undefined {
		const { context, saved } = this;
		if (saved.assignTo === 'nobody') return 'continue';
		const { dryRun, waitSeveral } = readRun(context);
		if (dryRun) return 'dryRun';
		// The AI agent would wait with it, and so would a person at the editor.
		if (isTool(context)) return 'tool';
		if (context.getNodeParameter('whenNobody', 0, 'wait') === 'continue') return 'continue';
		if (context.getMode() === 'manual') return 'test';
		return this.several && !waitSeveral ? 'several' : undefined;
	}

	private waitOf(index: number): AssignmentWait {
		const { context } = this;
		return {
			workflowId: context.getWorkflow().id ?? '',
			executionId: context.getExecutionId(),
			nodeId: context.getNode().id,
			groupId: this.groupId,
			itemIndex: index,
			resumeUrl: resumeUrlOf(context, WAIT_PATH),
			waitFor: readWait(context, index),
			withOthers: this.several,
		};
	}

	/** The consequence that is not seen without opening the item. */
	private hintFor({ outcome, decision, conversation }: AssignConversationResult): string {
		if (this.obstacle === 'dryRun') {
			return 'Dry run: nothing was changed. The item says who would get the conversation';
		}
		if (outcome !== 'queued') return '';
		const { position = 1 } = conversation.queue ?? {};
		// One hint for all of them.
		const place = this.several ? '' : `, at position ${position}`;
		const queued =
			decision?.blockedBy === 'waitsForPreferred'
				? 'The conversation waits in the queue for the agent that the contact had before'
				: `No agent is free: the conversation waits in the queue${place}`;
		switch (this.obstacle) {
			case 'several':
				return `${queued}. With several items this flow does not wait for an agent: see the option 'Also Wait With Several Items'`;
			case 'test':
				return `${queued}. A test run does not wait for an agent; a published flow does`;
			default:
				return queued;
		}
	}
}
