import { randomUUID } from 'node:crypto';
import type { InboundMessage } from '../../../nodes/channels/channel';
import type { JudgeQuestionInput } from '../../../nodes/store/operations/waits/answers';
import type { OpenQuestionInput } from '../../../nodes/store/operations/waits/questions';
import type { ResumeAnswer } from '../../../nodes/store/operations/waits/resumes';
import { buttonPrefix } from '../../../nodes/store/operations/waits/waits';
import type { ConversationStore } from '../../../nodes/store/store';
import { HOUR } from './engines';
import { message, receive } from './samples';

export const PROMPT = 'Amal, how old are you?';
export const TOKEN = 'sesame-4711';

export interface Asked {
	conversationId: string;
	waitId: string;
	groupId: string;
	executionId: string;
}

/** What Ask Question does in the store while it runs: one item of a run of its own unless one is named. */
export async function openQuestion(
	store: ConversationStore,
	conversationId: string,
	changes: Partial<OpenQuestionInput> = {},
) {
	const input: OpenQuestionInput = {
		conversationId,
		workflowId: 'flow',
		executionId: randomUUID(),
		nodeId: 'ask',
		groupId: randomUUID(),
		itemIndex: 0,
		resumeUrl: `https://n8n.example.com/webhook-waiting/1/conversation-answer?signature=${TOKEN}`,
		question: { prompt: PROMPT, question: { kind: 'number' } },
		waitFor: HOUR,
		despitePerson: false,
		...changes,
	};
	return { input, opened: await store.openQuestion(input) };
}

/** A question that is with the contact. */
export async function ask(
	store: ConversationStore,
	conversationId: string,
	changes: Partial<OpenQuestionInput> = {},
): Promise<Asked> {
	const { input, opened } = await openQuestion(store, conversationId, changes);
	if (opened.state !== 'asking') throw new Error(`It is not asked: ${opened.state}`);
	const { waitId } = opened;
	await store.questionAsked({ conversationId, waitId, waitFor: input.waitFor, time: 1 });
	const { groupId, executionId } = input;
	return { conversationId, waitId, groupId, executionId };
}

/** The contact writes into the open conversation. */
export const says = async (
	store: ConversationStore,
	who: string,
	changes: Partial<InboundMessage> = {},
) => await receive(store, message(who, { sentAt: store.clock(), text: '42', ...changes }));

export const button = (of: Pick<Asked, 'waitId'>, index = 0) => ({
	choiceId: `${buttonPrefix(of.waitId)}${index}`,
});

/** As the node looks at it when its execution is called. */
export const groupOf = async (store: ConversationStore, { groupId, executionId }: Asked) =>
	await store.readWaitGroup({ groupId, executionId, nodeId: 'ask' });

/** What the node finds in all that came in. */
export async function judge(
	store: ConversationStore,
	asked: Asked,
	verdict: JudgeQuestionInput['verdict'],
): Promise<void> {
	const waits = await groupOf(store, asked);
	const { conversationId, waitId } = asked;
	const looked = waits.find(({ id }) => id === waitId)?.replies.map(({ id }) => id) ?? [];
	await store.judgeQuestion({ conversationId, waitId, looked, verdict });
}

export const answered = (
	value: unknown,
	messageId: string | null = null,
): JudgeQuestionInput['verdict'] => ({
	kind: 'answered',
	result: { value, text: String(value), messageId },
	saves: {},
});

/** The pump's call of all executions that are to be told, each answered this way. */
export async function tell(store: ConversationStore, answer: ResumeAnswer): Promise<string[]> {
	const resumes = await store.claimResumes({ limit: 10 });
	for (const { groupId, lease } of resumes) await store.finishResume({ groupId, lease, answer });
	return resumes.map(({ groupId }) => groupId);
}

export async function waitOf(store: ConversationStore, { waitId }: Pick<Asked, 'waitId'>) {
	const row = await store.engine.db
		.selectFrom('waits')
		.selectAll()
		.where('id', '=', waitId)
		.executeTakeFirst();
	if (!row) return undefined;
	return {
		...row,
		replies: JSON.parse(row.replies) as string[],
		result: row.result === null ? null : (JSON.parse(row.result) as Record<string, unknown>),
	};
}
