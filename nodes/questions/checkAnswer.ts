import { checkChoice } from './choiceAnswer';
import type { Checked, Question, Reply } from './contracts';
import { refused } from './contracts';
import { checkDate } from './dateAnswer';
import { checkEmail } from './emailAnswer';
import { checkLocation } from './locationAnswer';
import { checkNumber } from './numberAnswer';
import { checkPhone } from './phoneAnswer';
import { checkRating } from './ratingAnswer';
import { checkText } from './textAnswer';
import { isTooLong, writtenIn } from './written';

export interface CheckOptions {
	/** Milliseconds since 1970: which day is today. */
	now: number;
	/** What the IDs of this question's buttons begin with; the button's index from 0 follows. */
	buttonPrefix?: string;
}

/** A button of this pack's questions, whichever: the question's UUID and an index. */
const QUESTION_BUTTON = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}:\d{1,2}$/i;

/**
 * Whether a message answers a question, and with what. Reads answers as people type them in chats:
 * with words around them, in the digits and letters of any script. Never throws, and takes time in
 * proportion to the answer's length.
 */
export function checkAnswer(question: Question, reply: Reply, options: CheckOptions): Checked {
	const { choiceId } = reply;
	const pressed = indexOf(choiceId, options.buttonPrefix);
	if (pressed === undefined && choiceId !== undefined && QUESTION_BUTTON.test(choiceId)) {
		// An old "Yes" is no answer to a new question, though its words would fit.
		return refused('is a button of another question');
	}
	const written = writtenIn(reply);
	if (question.kind === 'text') return checkText(question, written);
	if (written !== undefined && isTooLong(written)) return refused('is too long for an answer');
	switch (question.kind) {
		case 'choice':
			return checkChoice(question, written, pressed);
		case 'rating':
			return checkRating(question, written, pressed);
		case 'phone':
			return checkPhone(question, written, reply.attachments);
		case 'location':
			return checkLocation(written, reply.attachments);
		case 'number':
			return written === undefined ? refused('has no text') : checkNumber(question, written);
		case 'date':
			return written === undefined
				? refused('has no text')
				: checkDate(question, written, options.now);
		case 'email':
			return written === undefined ? refused('has no text') : checkEmail(written);
	}
}

function indexOf(choiceId: string | undefined, prefix: string | undefined): number | undefined {
	if (choiceId === undefined || prefix === undefined || !choiceId.startsWith(prefix)) {
		return undefined;
	}
	const index = choiceId.slice(prefix.length);
	return /^\d{1,2}$/.test(index) ? Number(index) : undefined;
}
