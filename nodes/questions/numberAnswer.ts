import { normalizeText } from '../decisions/text';
import type { Checked, Invalid, Question } from './contracts';
import { refused } from './contracts';
import { words } from './wordList';

type NumberQuestion = Extract<Question, { kind: 'number' }>;

/** More digits than a JavaScript number keeps. */
const MOST_DIGITS = 15;

/**
 * A run of digits with what may stand inside a number: the point and comma, the Arabic signs for
 * both, the Swiss apostrophe; a space where groups of three digits follow.
 */
const NUMBER =
	/(?:(?<![\p{L}\p{M}\d])-)?(?:\d{1,3}(?: \d{3}(?!\d))+(?:[.,٫]\d+)?|\d+(?:[.,'٫٬]\d+)*)/gu;

/** Without the exponent of very small numbers. */
const PLAIN = new Intl.NumberFormat('en', { useGrouping: false, maximumFractionDigits: 20 });

/** Words of letters and digits, such as A4 or COVID-19, are no amounts; EGP200 is. */
const CODE =
	/(?<![\p{L}\p{M}\d])\d*[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]+-?\d[\p{L}\d-]*/gu;
const CURRENCIES = new Set([
	...Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()),
	...words('rs|rp|tk|kr|fr|le|sr|dhs|us|r|руб|тг'),
]);

/** "5k" and "3 million" are not 5 and 3. */
const MULTIPLIERS = [
	...words('k|mn|mio|bn|thousand|million|millions|billion|lakh|lakhs|crore|mil|mille'),
	...words('millón|millones|milhão|milhões|tausend|Million|Millionen|ribu|rb|juta|jt|bin'),
	...words('milyon|тыс|тысяч|тысячи|тысяча|млн|миллион|миллиона|миллионов|ألف|آلاف|مليون'),
	...words('ملايين|هزار|میلیون|ہزار|لاکھ|کروڑ|אלף|מיליון|हज़ार|लाख|करोड़'),
].map(normalizeText);
const MULTIPLIED = new RegExp(
	`\\d ?(?:(?:${MULTIPLIERS.join('|')})(?![\\p{L}\\p{M}])|[千万萬亿億천만억])`,
	'u',
);

/**
 * The one number in a text, in digits of any script, with words or a currency around it.
 *
 * One point or comma with exactly three digits after it ("1,234", "1.234") is read as thousands,
 * since amounts are written so and three decimals hardly ever; as decimals where the thousands do
 * not fit what is asked for, and after a zero ("0.125"). Numbers in words are not read.
 */
export function checkNumber(
	{ least, most, whole }: NumberQuestion,
	written: string,
): Checked<number> {
	const read = readNumbers(written);
	if ('why' in read) return read;
	const checked = read.map((value): Checked<number> => {
		if (whole && !Number.isInteger(value)) return refused('is not a whole number');
		if (least !== undefined && value < least) return refused(`is less than ${least}`);
		if (most !== undefined && value > most) return refused(`is more than ${most}`);
		return { valid: true, value, text: PLAIN.format(value) };
	});
	return checked.find(({ valid }) => valid) ?? checked[0] ?? refused('is not a number');
}

/** The readings of the one number in a text, the likeliest first. */
export function readNumbers(written: string): number[] | Invalid {
	// Exponents, as in m², would become digits of their own.
	const text = normalizeText(written.replace(/[²³]/g, '').replaceAll('\u2212', '-'));
	if (MULTIPLIED.test(text)) return refused('is a number with a word for thousands or millions');
	const plain = text.replace(CODE, (word) =>
		CURRENCIES.has(word.replace(/[^\p{L}].*$/u, '')) && /^\p{L}+\d+$/u.test(word)
			? word.replace(/^\p{L}+/u, '')
			: ' ',
	);
	const found = plain.match(NUMBER) ?? [];
	if (found.length === 0) return refused('has no number');
	if (found.length > 1) return refused('has more than one number');
	const [digits] = found;
	if (digits!.replace(/\D/g, '').length > MOST_DIGITS) return refused('is too long for a number');
	const values = readingsOf(digits!);
	return values.length > 0 ? values : refused('is not a number');
}

function readingsOf(written: string): number[] {
	const sign = written.startsWith('-') ? -1 : 1;
	const digits = written.replace(/^-/, '');
	const marks = digits.replace(/[^.,٫]/g, '');
	const last = marks.at(-1);
	if (last === undefined) return numbers(sign, thousands(digits, "['٬ ]"));
	const isOnce = marks.indexOf(last) === marks.length - 1;
	const at = digits.lastIndexOf(last);
	const before = digits.slice(0, at);
	const after = digits.slice(at + 1);
	const decimal =
		isOnce && /^\d+$/.test(after) ? withDecimals(thousands(before, "[.,'٬ ]"), after) : undefined;
	// An Arabic decimal sign, or two kinds of marks: nothing to doubt.
	if (last === '٫' || new Set(marks).size > 1 || /['٬ ]/.test(digits))
		return numbers(sign, decimal);
	const grouped = thousands(digits, last === '.' ? '\\.' : last);
	const isLikelyGrouped = grouped !== undefined && !digits.startsWith('0');
	return isLikelyGrouped ? numbers(sign, grouped, decimal) : numbers(sign, decimal);
}

const numbers = (sign: number, ...digits: Array<string | undefined>) =>
	digits.flatMap((text) => (text === undefined ? [] : sign * Number(text) || 0));

const withDecimals = (whole: string | undefined, decimals: string) =>
	whole === undefined ? undefined : `${whole}.${decimals}`;

/** Digits in groups of three, or as in India of two before the last three; undefined if they are not. */
function thousands(digits: string, mark: string): string | undefined {
	const groups = digits.split(new RegExp(mark));
	const [first = '', ...rest] = groups;
	if (rest.length === 0) return first;
	const isGrouped =
		first.length >= 1 &&
		first.length <= 3 &&
		rest.at(-1)!.length === 3 &&
		(rest.every(({ length }) => length === 3) ||
			(first.length <= 2 && rest.slice(0, -1).every(({ length }) => length === 2)));
	return isGrouped ? groups.join('') : undefined;
}
