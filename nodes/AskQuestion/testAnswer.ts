import type { INodeExecutionData } from 'n8n-workflow';
import type { Question, Reply } from '../questions/contracts';
import { checkAnswer } from '../questions/checkAnswer';
import { itemParts } from '../runtime/conversationOfItem';
import type { ItemResult } from '../runtime/forEachItem';
import type { ConversationStore } from '../store/store';
import type { ConversationItem } from '../store/views';
import { answerOf, OUTPUT, questionOf, savesOf } from './result';
import type { QuestionSpec } from './spec';

/** What a run by hand goes on with: nobody is there to answer, and an editor should not wait for days. */
export async function answerOfTest(
	store: ConversationStore,
	known: ConversationItem,
	spec: QuestionSpec,
	{
		item,
		hint,
		given,
		isAsked,
		isReal,
	}: {
		item: INodeExecutionData;
		hint?: string | undefined;
		given?: string | undefined;
		/** It was sent, by the option for that. */
		isAsked: boolean;
		/** The contact is none of a test. */
		isReal: boolean;
	},
): Promise<ItemResult> {
	const typed = given?.trim();
	const reply = typed ? { text: typed, type: 'text', attachments: [] } : exampleOf(spec.question);
	const checked = checkAnswer(spec.question, reply, { now: store.clock() });
	// What nobody said is not written down about a customer.
	const isKept = typed || !isReal;
	const kept: QuestionSpec = isKept ? spec : { ...spec, save: { to: 'nowhere' } };
	const hints = [hint, hintOf(reply, Boolean(typed), isAsked)].filter(Boolean);
	if (!checked.valid) {
		const question = questionOf(spec, 'invalid', { why: checked.why }, 1);
		return {
			json: { ...itemParts(known, item), question },
			output: OUTPUT.invalid,
			hint: hints.join('. '),
		};
	}
	const { writes = [], addTags = [], intent } = savesOf(kept, checked);
	if (writes.length > 0 || addTags.length > 0 || intent !== undefined) {
		await store.enrichContact({
			contactKey: known.contact.key,
			conversationId: known.conversation.id,
			...{ writes, addTags, source: 'contact' },
			...(intent === undefined ? {} : { intent }),
		});
	}
	const after = await store.getConversation(known.conversation.id);
	const parts = itemParts(after, item);
	const question = questionOf(kept, 'answered', answerOf(checked, null), 1);
	if (spec.goOnWithAnswer) {
		const message = { id: 'test-answer', ...reply, sentAt: new Date(store.clock()).toISOString() };
		return {
			json: { ...parts, message, question },
			output: OUTPUT.answered,
			hint: hints.join('. '),
		};
	}
	return { json: { ...parts, question }, output: OUTPUT.answered, hint: hints.join('. ') };
}

function hintOf(reply: Reply, wasGiven: boolean, isAsked: boolean): string {
	const asked = isAsked
		? 'Test run: the question was sent, and nobody waits for the answer'
		: 'Test run: nobody was asked';
	return wasGiven
		? `${asked}; the answer is that of the option 'Answer in Test Runs'`
		: `${asked}; '${reply.text}' stands for it. Give another one with the option 'Answer in Test Runs'`;
}

/** An answer that fits. */
function exampleOf(question: Question): Reply {
	const text = (value: string | number) => ({
		text: String(value),
		type: 'text',
		attachments: [],
	});
	switch (question.kind) {
		case 'choice':
			return text(question.choices[0]!.title);
		case 'number':
			return text(question.least ?? question.most ?? 1);
		case 'date':
			return text(question.earliest ?? question.latest ?? 'today');
		case 'email':
			return text('customer@example.com');
		case 'phone':
			return text('+201001234567');
		case 'rating':
			return text(question.most);
		case 'location':
			return text('30.0444, 31.2357');
		case 'text':
			return text('An example of an answer');
	}
}
