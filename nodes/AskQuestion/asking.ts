import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { conversationIdOf, itemParts } from '../runtime/conversationOfItem';
import { isTool, type ItemResult } from '../runtime/forEachItem';
import { send, sendKeyIn } from '../runtime/sending/send';
import { senderOfItem } from '../runtime/sending/sender';
import { resumeUrlOf } from '../runtime/waiting/calls';
import { failedItems } from '../runtime/waiting/items';
import type { ConversationStore } from '../store/store';
import type { ConversationItem } from '../store/views';
import { composeQuestion } from './compose';
import { readSpec } from './readSpec';
import { OUTPUT, questionOf } from './result';
import type { QuestionSpec } from './spec';
import { answerOfTest } from './testAnswer';

/** Where the webhook of the node listens, behind n8n's address of the waiting execution. */
export const ANSWER_PATH = 'conversation-answer';

interface Options {
	despitePerson?: boolean;
	sendInTests?: boolean;
	testAnswer?: string;
}

/** One run of the node: what was asked in it, and what waits now. */
export class Asking {
	private readonly groupId = randomUUID();
	private store: ConversationStore | undefined;
	private first: { conversationId: string; waitId: string } | undefined;
	/** Some ended before they were asked. */
	private hasEnded = false;

	constructor(private readonly context: IExecuteFunctions) {}

	/** Whether the execution has to wait for an answer. */
	get waits(): boolean {
		return this.first !== undefined;
	}

	async ask(
		item: INodeExecutionData,
		index: number,
		store: ConversationStore,
	): Promise<ItemResult> {
		const { context } = this;
		this.store = store;
		const { id, hint } = await conversationIdOf(context, store, item, index);
		const options = context.getNodeParameter('options', index, {}) as Options;
		const known = await store.getConversation(id);
		const spec = readSpec(context, index, known.contact);
		const conversationId = known.conversation.id;
		if (isTool(context)) {
			const sent = await this.send(known, spec, { index, waitId: randomUUID() });
			const hints = [hint, sent.hint].filter(Boolean).join('. ');
			return {
				json: { ...itemParts(sent.view, item), question: questionOf(spec, 'asked', {}, 1) },
				...(hints === '' ? {} : { hint: hints }),
			};
		}
		const inTest = async () => {
			const { sent, isTest } = await this.send(known, spec, { index, waitId: randomUUID() });
			const isAsked = sent.status !== 'notSent';
			return await answerOfTest(store, known, spec, {
				...{ item, hint, given: options.testAnswer, isAsked, isReal: !isTest },
			});
		};
		if (context.getMode() === 'manual') return await inTest();
		const opened = await store.openQuestion({
			conversationId,
			workflowId: context.getWorkflow().id ?? '',
			executionId: context.getExecutionId(),
			nodeId: context.getNode().id,
			groupId: this.groupId,
			itemIndex: index,
			resumeUrl: resumeUrlOf(context, ANSWER_PATH),
			question: { ...spec },
			waitFor: spec.waitFor,
			despitePerson: options.despitePerson === true,
		});
		// A sub-workflow of a test run has a mode of its own.
		if (opened.state === 'test') return await inTest();
		if (opened.state === 'ended') {
			this.hasEnded = true;
			const question = questionOf(spec, 'ended', { reason: opened.reason }, 0);
			return { json: { ...itemParts(opened.item, item), question }, output: OUTPUT.ended };
		}
		const { waitId } = opened;
		try {
			await this.send(known, spec, { index, waitId });
			await store.questionAsked({ conversationId, waitId, waitFor: spec.waitFor, time: 1 });
		} catch (error) {
			// Why it failed is what the operator needs; what stays in the store has its deadline.
			await store.dropQuestion({ conversationId, waitId }).catch(() => undefined);
			throw error as Error;
		}
		this.first ??= { conversationId, waitId };
		// It leaves when it is answered.
		return { json: {}, many: [], ...(hint ? { hint } : {}) };
	}

	/** Where nothing waits, the items leave now. What stays in the store because it fails, the pump removes. */
	async dropEnded(): Promise<void> {
		const { groupId } = this;
		if (this.hasEnded) await this.store?.dropWaitGroup({ groupId }).catch(() => undefined);
	}

	/** Items that failed leave together with those that wait. */
	async keepFailures(outputs: INodeExecutionData[][]): Promise<void> {
		if (!this.first || !this.store) return;
		const failed = failedItems(outputs);
		if (failed.length > 0) await this.store.describeRun({ ...this.first, run: { failed } });
	}

	private async send(
		{ conversation, contact }: ConversationItem,
		spec: QuestionSpec,
		{ index, waitId }: { index: number; waitId: string },
	) {
		const { context } = this;
		const options = context.getNodeParameter('options', index, {}) as Options;
		const how = { waitId, again: false, language: contact.language };
		return await send(senderOfItem(context, index), this.store!, {
			conversationId: conversation.id,
			via: 'last',
			message: (channel, recipient) => composeQuestion(spec, how, channel, recipient),
			// A second try of the same asking (Retry On Fail) is known by it. Another execution for the same
			// conversation asks anew: it waits for an answer of its own.
			sendKey: sendKeyIn(context.getExecutionId(), context, index),
			sendAgain: false,
			isTest: context.getMode() === 'manual',
			sendInTests: options.sendInTests === true,
		});
	}
}
