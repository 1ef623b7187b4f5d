import { normalizeText } from '../decisions/text';
import type { Checked, Question } from './contracts';
import { refused } from './contracts';
import { readNumbers } from './numberAnswer';

type RatingQuestion = Extract<Question, { kind: 'rating' }>;

const STAR = /[⭐★🌟]/gu;

/** "4/5", "4 out of 5", "٤ من ٥". */
const OUT_OF =
	/(?<![\d.,/])(\d{1,3}) ?(?:\/|out of|of|von|sur|de|uit|dari|из|من|از|מתוך|में से|のうち)(?: ?)(\d{1,3})(?![\d.,/])/u;

/** A number on the scale, also out of its most ("4/5"), as a keycap emoji, or as stars. */
export function checkRating(
	{ most }: RatingQuestion,
	written: string | undefined,
	pressed: number | undefined,
): Checked<number> {
	if (pressed !== undefined && pressed < most) return rated(pressed + 1);
	if (written === undefined) return refused('has no text');
	const text = normalizeText(written.replaceAll('🔟', '10'));
	const outOf = OUT_OF.exec(text);
	if (outOf && Number(outOf[2]) !== most) return refused(`is not on a scale of 1 to ${most}`);
	const rest = outOf ? text.replace(OUT_OF, ` ${outOf[1]} `) : text;
	const stars = written.match(STAR)?.length ?? 0;
	if (stars > 0 && !/\d/.test(rest)) return onScale(stars, most);
	const read = readNumbers(rest);
	if ('why' in read) return read;
	return onScale(read.length === 1 ? read[0]! : (read.at(-1) ?? 0), most);
}

function onScale(value: number, most: number): Checked<number> {
	if (!Number.isInteger(value)) return refused('is not a whole number');
	if (value < 1) return refused('is less than 1');
	return value > most ? refused(`is more than ${most}`) : rated(value);
}

const rated = (value: number): Checked<number> => ({ valid: true, value, text: String(value) });
