import type { IDataObject } from 'n8n-workflow';
import type { Checked } from '../questions/contracts';
import type { AnswerSaves } from '../store/operations/waits/answers';
import type { WaitOutcome } from '../store/operations/waits/waits';
import type { QuestionSpec } from './spec';

/** How a question ends. */
export type QuestionOutcome = Exclude<WaitOutcome, 'assigned'>;

export const OUTPUT: Record<QuestionOutcome, number> = {
	answered: 0,
	invalid: 1,
	timedOut: 2,
	ended: 3,
};

const LONGEST_LABEL = 200;

const WHY_ENDED: Record<string, string> = {
	closed: 'The conversation was closed',
	personReplied: 'A person has replied',
	alreadyReplied: 'A person had replied before it was asked',
	flowGone: 'The flow could not be reached',
	erased: 'What was asked and answered has been erased',
};

/** What the store keeps of a valid answer. */
export function answerOf(answer: Checked & { valid: true }, messageId: string | null) {
	const { value, text, choice } = answer;
	return { value, text, ...(choice ? { title: choice.title } : {}), messageId };
}

/** What is to be saved of it, and where. */
export function savesOf({ save }: QuestionSpec, answer: Checked & { valid: true }): AnswerSaves {
	const { text, value } = answer;
	switch (save.to) {
		case 'field': {
			const kept = typeof value === 'object' ? text : value;
			return {
				writes: [{ field: save.field, value: kept, source: 'question', mode: 'overwrite' }],
			};
		}
		case 'tag':
			return { addTags: [labelOf(text)] };
		case 'intent':
			return { intent: labelOf(text) };
		case 'nowhere':
			return {};
	}
}

/** Tags and intents are labels, and a free text may be long. */
const labelOf = (text: string) => [...text.trim()].slice(0, LONGEST_LABEL).join('').trim();

/** The item's `question`. */
export function questionOf(
	{ question, save }: Partial<Pick<QuestionSpec, 'question' | 'save'>>,
	outcome: QuestionOutcome | 'asked',
	result: Record<string, unknown>,
	asked: number,
): IDataObject {
	const { value, text, title, why, problem, reason } = result;
	return {
		outcome,
		kind: question?.kind ?? null,
		answer:
			outcome === 'answered'
				? ({ value, text, ...(title === undefined ? {} : { title }) } as IDataObject)
				: null,
		asked,
		savedTo: outcome === 'answered' && save && save.to !== 'nowhere' ? placeOf(save) : null,
		why:
			outcome === 'ended'
				? (WHY_ENDED[String(reason)] ?? null)
				: outcome === 'timedOut'
					? 'The time to answer is over'
					: typeof why === 'string'
						? `The answer ${why}`
						: null,
		...(typeof problem === 'string' ? { problem } : {}),
	};
}

const placeOf = (save: QuestionSpec['save']) => (save.to === 'field' ? save.field : save.to);
