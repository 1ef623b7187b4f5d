import type { OutboundButton, SendingLimits } from '../channels/sending';
import { asciiDigits, normalizeText } from '../decisions/text';
import type { Choice, Question } from './contracts';

export { defaultRetry } from './retryWords';

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * The text to send. Where the channel shows no buttons, the choices follow in a numbered list, and
 * a rating says its scale.
 *
 * Numbers are in the digits that the prompt has (a prompt with ٣ gets ١. ٢. ٣.), else 1. 2. 3., which
 * people read everywhere. Direction is left to the contact's app, which takes it from the words.
 * Choices that are numbers themselves get no numbers before them.
 */
export function askText(
	question: Question,
	prompt: string,
	{ buttons }: { buttons: boolean },
): string {
	if (buttons) return prompt;
	if (question.kind === 'rating') return `${prompt}\n${inDigitsOf(prompt, `1–${question.most}`)}`;
	if (question.kind !== 'choice') return prompt;
	const { choices } = question;
	const areNumbers = choices.some(({ title }) => /^\d+$/.test(normalizeText(title)));
	const lines = choices.map(({ title }, index) =>
		areNumbers ? `• ${title}` : `${inDigitsOf(prompt, `${index + 1}`)}. ${title}`,
	);
	return [prompt, ...lines].join('\n');
}

function inDigitsOf(prompt: string, digits: string): string {
	const example = /(?![0-9])\p{Decimal_Number}/u.exec(prompt.normalize('NFKC'))?.[0];
	if (example === undefined) return digits;
	const zero = example.codePointAt(0)! - Number(asciiDigits(example));
	return digits.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
}

/**
 * The buttons that ask a choice or a rating on a channel; undefined where the channel has none, or
 * not enough, or cannot show the titles so that they differ. Long titles are cut between characters
 * as people see them, and end with "…".
 *
 * @param prefix What the IDs begin with; the index from 0 follows.
 */
export function buttonsOf(
	question: Question,
	prefix: string,
	limits: SendingLimits['buttons'],
): OutboundButton[] | undefined {
	if (!limits || (question.kind === 'rating' && question.most > limits.most)) return undefined;
	const titles = titlesOf(question);
	if (titles.length === 0 || titles.length > limits.most) return undefined;
	const shown = titles.map((title) => cut(title, limits.title));
	if (shown.some((title) => title === '')) return undefined;
	if (new Set(shown.map(normalizeText)).size < shown.length) return undefined;
	const buttons = shown.map((title, index) => ({ id: `${prefix}${index}`, title }));
	const longest = limits.id ?? Infinity;
	return buttons.every(({ id }) => Buffer.byteLength(id, 'utf8') <= longest) ? buttons : undefined;
}

function titlesOf(question: Question): string[] {
	if (question.kind === 'choice') return question.choices.map(({ title }: Choice) => title.trim());
	if (question.kind !== 'rating') return [];
	return Array.from({ length: question.most }, (_, index) => String(index + 1));
}

/** Limits count code points, and a character that people see may have several of them. */
function cut(title: string, most: number): string {
	if ([...title].length <= most) return title;
	let start = '';
	let length = 0;
	for (const { segment } of GRAPHEMES.segment(title)) {
		length += [...segment].length;
		if (length > most - 1) break;
		start += segment;
	}
	return start.trim() === '' ? '' : `${start.trim()}…`;
}
