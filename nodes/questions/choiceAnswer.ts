import { mentions, normalizeText } from '../decisions/text';
import type { Checked, Choice, Question } from './contracts';
import { refused } from './contracts';
import { isNearly } from './nearMatch';
import { isNegated } from './negation';
import { words } from './wordList';

type ChoiceQuestion = Extract<Question, { kind: 'choice' }>;

/** A prefix shorter than this may be any word; channels cut titles at 20 characters or more. */
const SHORTEST_CUT = 8;

/** What people write before the number of a choice. */
const BEFORE_NUMBER = [
	...words('option|number|choice|no|nr|opcion|opcao|numero|choix|die|nummer|pilihan'),
	...words('nomor|secenek|номер|вариант|رقم|الرقم|خيار|الخيار|اختيار|شماره|گزینه|نمبر'),
	...words('מספר|אפשרות|विकल्प|नंबर|第|選択肢|选项'),
];
const AFTER_NUMBER = [
	...words('please|pls|por favor|s il vous plait|svp|bitte|lutfen|пожалуйста|من فضلك'),
	...words('لو سمحت|رجاء|لطفا|בבקשה|कृपया|です|番|号|번'),
];
const oneOf = (list: string[]) => list.map(bare).join('|');
const NUMBERED = new RegExp(
	`^(?:(?:${oneOf(BEFORE_NUMBER)}) ?)?(\\d{1,2})(?: ?(?:${oneOf(AFTER_NUMBER)}))?$`,
	'u',
);

/**
 * By button, else by what was written. Each way decides only where it leaves one choice: the title,
 * the number in the list, another word for it, the title as a channel cut it, a title or word
 * mentioned in a sentence, a word with one typing mistake.
 *
 * A title that is itself a number goes before the place in the list: of 2, 4 and 6, "2" is the first.
 */
export function checkChoice(
	{ choices }: ChoiceQuestion,
	written: string | undefined,
	pressed: number | undefined,
): Checked<string> {
	const byButton = pressed === undefined ? undefined : choices[pressed];
	if (byButton) return chosen(byButton);
	if (written === undefined) return refused('has no text');
	const answer: Said = {
		normalized: normalizeText(written),
		bare: bare(written),
		isNegated: isNegated(written),
	};
	for (const way of WAYS) {
		const found = way(answer, choices);
		if (found.length > 1) return refused('fits more than one of the choices');
		if (found[0]) return chosen(found[0]);
	}
	return refused('is not one of the choices');
}

const chosen = (choice: Choice): Checked<string> => ({
	valid: true,
	value: choice.value,
	text: choice.value,
	choice,
});

/** What was written, made comparable once. */
interface Said {
	normalized: string;
	bare: string;
	/** Says "not", so that a choice in it may be the one that is not wanted. */
	isNegated: boolean;
}

type Way = (said: Said, choices: Choice[]) => Choice[];

const WAYS: Way[] = [
	(said, choices) => choices.filter(({ title }) => said.normalized === normalizeText(title)),
	byNumber,
	(said, choices) => choices.filter((choice) => otherWords(choice).some(isSameAs(said))),
	(said, choices) => choices.filter(({ title }) => said.bare === bare(title)),
	({ normalized }, choices) => choices.filter(({ title }) => isCutOf(normalized, title)),
	byMention,
	(said, choices) =>
		said.isNegated
			? []
			: choices.filter((choice) => phrases(choice).some((one) => isNearly(said.bare, bare(one)))),
];

const phrases = ({ title, aliases = [] }: Choice) => [title, ...aliases];
const otherWords = ({ value, aliases = [] }: Choice) => [value, ...aliases];

const isSameAs = (said: Said) => (phrase: string) =>
	phrase !== '' && (said.normalized === normalizeText(phrase) || said.bare === bare(phrase));

/** Without emoji and punctuation, unless there is nothing else. */
function bare(text: string): string {
	const normalized = normalizeText(text);
	return normalized.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim() || normalized;
}

function byNumber(said: Said, choices: Choice[]): Choice[] {
	const number = NUMBERED.exec(said.bare)?.[1];
	// "-1", "1.5" and "1/2" are no places in a list.
	if (number === undefined || /[-+]\d|\d\P{L}+\d/u.test(said.normalized)) return [];
	const choice = choices[Number(number) - 1];
	return choice ? [choice] : [];
}

function isCutOf(text: string, title: string): boolean {
	// The three dots that NFKD makes of "…", or that a person writes.
	const start = text.replace(/\.{3}$/, '').trim();
	if (start === '' || (start === text && [...start].length < SHORTEST_CUT)) return false;
	return normalizeText(title).startsWith(start);
}

/**
 * The choices that are mentioned, without those whose words are only part of another's: "sales
 * support" is not "sales". An Arabic article may be missing. Where the contact says "not", only a choice
 * that says so itself is meant.
 */
function byMention(said: Said, choices: Choice[]): Choice[] {
	const found = choices.flatMap((choice) =>
		phrases(choice)
			.map(bare)
			.filter((phrase) => mentions(said.bare, phrase) || lacksArticle(said.bare, phrase))
			.filter((phrase) => !said.isNegated || isNegated(phrase))
			.map((phrase) => ({ choice, phrase })),
	);
	const isPart = (one: (typeof found)[number]) =>
		found.some(
			({ choice, phrase }) =>
				choice !== one.choice && phrase !== one.phrase && mentions(phrase, one.phrase),
		);
	return [...new Set(found.filter((one) => !isPart(one)).map(({ choice }) => choice))];
}

const lacksArticle = (text: string, phrase: string) =>
	/^\p{Script=Arabic}/u.test(text) &&
	text.split(' ').length === phrase.split(' ').length &&
	mentions(phrase, text);
