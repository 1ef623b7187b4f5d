import { checkAnswer } from '../../nodes/questions/checkAnswer';
import type { Choice, Question, Reply } from '../../nodes/questions/contracts';

/** Wednesday, 25 November 2026, 22:30 in UTC: in Cairo the 26th has begun. */
export const NOW = Date.UTC(2026, 10, 25, 22, 30);

export const PREFIX = '0193f1c2-7a1b-7c3d-8e4f-000000000001:';

export const written = (text: string, more: Partial<Reply> = {}): Reply => ({
	text,
	type: 'text',
	attachments: [],
	...more,
});

export const check = (question: Question, reply: string | Reply) =>
	checkAnswer(question, typeof reply === 'string' ? written(reply) : reply, {
		now: NOW,
		buttonPrefix: PREFIX,
	});

/** The value of a valid answer, or in brackets why not. */
export function outcome(question: Question, reply: string | Reply): unknown {
	const checked = check(question, reply);
	return checked.valid ? checked.value : `(${checked.why})`;
}

export const choices = (
	...titles: Array<string | [title: string, ...aliases: string[]]>
): Choice[] =>
	titles.map((title, index) => {
		const [first, ...aliases] = typeof title === 'string' ? [title] : title;
		return { value: `choice_${index + 1}`, title: first, aliases };
	});
