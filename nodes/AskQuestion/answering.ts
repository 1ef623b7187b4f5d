import type { IDataObject, INodeExecutionData, IWebhookFunctions } from 'n8n-workflow';
import { isChannelError } from '../channels/errors';
import { checkAnswer } from '../questions/checkAnswer';
import { itemParts } from '../runtime/conversationOfItem';
import { send } from '../runtime/sending/send';
import { senderOfWebhook, type Sender } from '../runtime/sending/sender';
import { incomingItem, withFailed } from '../runtime/waiting/items';
import { asIs, isStoreError } from '../store/errors';
import type { WaitView } from '../store/operations/waits/group';
import { buttonPrefix } from '../store/operations/waits/waits';
import type { ConversationStore } from '../store/store';
import { composeQuestion } from './compose';
import { answerOf, OUTPUT, questionOf, savesOf, type QuestionOutcome } from './result';
import type { QuestionSpec } from './spec';

/**
 * Looks at what came in for the questions of a run: answers are checked and kept, what is none is
 * asked for again.
 *
 * @returns the items of every output once nothing is left to wait for, else undefined
 * @throws ChannelError when asking again has to be tried later
 */
export async function lookAtAnswers(
	context: IWebhookFunctions,
	store: ConversationStore,
	groupId: string,
): Promise<INodeExecutionData[][] | undefined> {
	const run = { groupId, executionId: context.getExecutionId(), nodeId: context.getNode().id };
	const asked = await store.readWaitGroup(run);
	const replied = asked.filter(({ settled, replies }) => !settled && replies.length > 0);
	const sender = senderOfWebhook(context);
	for (const wait of replied) await judge(store, sender, wait);
	const waits = replied.length === 0 ? asked : await store.readWaitGroup(run);
	if (waits.length === 0 || waits.some(({ settled }) => !settled)) return undefined;
	return outputsOf(context, waits);
}

/** Questions are never assigned: what else waits of an execution is not among them. */
const outcomeOf = ({ outcome }: WaitView): QuestionOutcome =>
	outcome === null || outcome === 'assigned' ? 'ended' : outcome;

/** Several messages that came at once count as one answer: the first that is valid, else as one try. */
async function judge(store: ConversationStore, sender: Sender, wait: WaitView): Promise<void> {
	const spec = specOf(wait);
	const looked = wait.replies.map(({ id }) => id);
	const judged = { conversationId: wait.conversationId, waitId: wait.id, looked };
	const how = { now: store.clock(), buttonPrefix: buttonPrefix(wait.id) };
	let why = '';
	for (const reply of wait.replies) {
		const checked = checkAnswer(spec.question, reply, how);
		if (checked.valid) {
			const result = answerOf(checked, reply.id);
			const saves = savesOf(spec, checked);
			await store.judgeQuestion({ ...judged, verdict: { kind: 'answered', result, saves } });
			return;
		}
		({ why } = checked);
	}
	const messageId = looked.at(-1);
	if (wait.asked > spec.again) {
		await store.judgeQuestion({
			...judged,
			verdict: { kind: 'invalid', result: { why, messageId } },
		});
		return;
	}
	if (store.clock() >= wait.deadline) {
		await store.judgeQuestion({ ...judged, verdict: { kind: 'timedOut' } });
		return;
	}
	const problem = await askAgain(store, sender, wait, spec);
	if (problem !== undefined) {
		const result = { why, problem, messageId };
		await store.judgeQuestion({ ...judged, verdict: { kind: 'invalid', result } });
		return;
	}
	await store.judgeQuestion({ ...judged, verdict: { kind: 'again' } });
	const { conversationId, id: waitId } = wait;
	await store.questionAsked({
		conversationId,
		waitId,
		waitFor: spec.waitFor,
		time: wait.asked + 1,
	});
}

/** @returns why it cannot be asked again, as a sentence; undefined when it was */
async function askAgain(
	store: ConversationStore,
	sender: Sender,
	wait: WaitView,
	spec: QuestionSpec,
): Promise<string | undefined> {
	const { language } = wait.item.contact;
	const how = { waitId: wait.id, again: true, language };
	try {
		await send(sender, store, {
			conversationId: wait.conversationId,
			via: 'last',
			message: (channel, recipient) => composeQuestion(spec, how, channel, recipient),
			// Called twice for the same answer, it is sent once.
			sendKey: `${wait.id}:${wait.asked}`,
			...{ sendAgain: false, isTest: false, sendInTests: false },
		});
		return undefined;
	} catch (error) {
		if (isChannelError(error)) {
			const { failure } = error;
			// It may have arrived; asking a third time would be worse than waiting.
			if (failure === 'unclear') return undefined;
			// The pump calls again.
			if (failure === 'unavailable' || failure === 'rateLimited') throw asIs(error);
			sender.logError(`Ask Question: it could not be asked again. ${error.message}. ${error.hint}`);
			return error.message;
		}
		// A form or an address that is not right does not become so by trying again.
		if (isStoreError(error) && error.code !== 'StoreUnavailable') return error.message;
		throw asIs(error);
	}
}

const specOf = ({ question }: WaitView) => question as unknown as QuestionSpec;

/** What was asked and answered is no longer there: the contact was erased, or the texts were too old. */
const isEmptied = ({ question }: WaitView) => question.question === undefined;

/** All items of the run, each by the output of its outcome, paired with what came in. */
function outputsOf(context: IWebhookFunctions, waits: WaitView[]): INodeExecutionData[][] {
	const outputs: INodeExecutionData[][] = [[], [], [], []];
	for (const wait of waits) {
		const incoming = incomingItem(context, wait.itemIndex);
		const spec = specOf(wait);
		const outcome = isEmptied(wait) ? 'ended' : outcomeOf(wait);
		const { message } = wait.item;
		const goesOn = spec.goOnWithAnswer && outcome === 'answered' && message !== null;
		outputs[OUTPUT[outcome]]!.push({
			...incoming,
			json: {
				...incoming.json,
				...itemParts(wait.item, incoming),
				...(goesOn ? ({ message } as unknown as IDataObject) : {}),
				question: questionOf(spec, outcome, wait.result, wait.asked),
			},
		});
	}
	return withFailed(context, outputs, waits.map(specOf), OUTPUT.ended);
}
