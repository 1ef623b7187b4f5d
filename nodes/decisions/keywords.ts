import { exactText, normalizeText } from './normalize';
import { anywhere, endOf, isArabic, startOf, withoutArticle, WORD, type Edge } from './wordEdges';

export interface MentionOptions {
	/** Case, accents, letter forms and kinds of digits count. Default: they do not. */
	exact?: boolean;
}

/** Letters that a `*` inside a phrase stands for at most; more than the longest compounds have. */
const LONGEST_REST = 60;

/**
 * Whether a text has a keyword as a whole word or phrase, whatever the case, accents, Arabic
 * letter forms and spaces of both. "credit card" is found in "My CREDIT  card", not in "credit
 * cards".
 *
 * - Arabic words may carry the prefixes و ف ب ك ل ال: "والفاتورة" mentions "فاتورة". Inside a
 *   phrase the article may come or go: "خدمة العملاء" mentions "خدمة عملاء".
 * - In scripts without spaces (Chinese, Japanese, Thai, Lao, Khmer, …) any place in a run matches.
 * - Korean words may carry endings, which are written onto the word: "환불을" mentions "환불".
 * - Emoji and other symbols match anywhere; their skin tone does not matter.
 * - `*` at the start or end of a word of the keyword stands for the rest of a word: "rechnung*" is
 *   found in "Rechnungsadresse", "*rechnung" in "Monatsrechnung". Beside anything but a word with a
 *   letter it is an ordinary sign: "5*".
 * - ä, ö, ü, å and ø are also found where they are typed ae, oe, ue, aa and oe, and the other way round.
 *
 * Takes time in proportion to the text's length.
 */
export function mentions(text: string, keyword: string, options?: MentionOptions): boolean {
	return findMention(text, [keyword], options) !== null;
}

/** The first of the keywords that the text mentions, as the operator wrote it, or null. */
export function findMention(
	text: string,
	keywords: readonly string[],
	{ exact = false }: MentionOptions = {},
): string | null {
	const texts = spellings(text, exact);
	const isMentioned = (keyword: string) =>
		spellings(keyword, exact).some((spelling) => texts.some((one) => has(one, spelling)));
	return keywords.find(isMentioned) ?? null;
}

/** As people without these keys type them. */
const TYPED: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };
const TYPEABLE = /[äöüåø]/giu;

/**
 * The comparable forms of a text: with an umlaut as its bare letter, and as two letters. Two letters
 * are never made one, or "Feuer" would be found in "für".
 */
function spellings(text: string, exact: boolean): string[] {
	if (exact) return [exactText(text)];
	const composed = text.normalize('NFC');
	const typed = composed.replace(TYPEABLE, (letter) => TYPED[letter.toLowerCase()] ?? letter);
	return typed === composed ? [normalizeText(text)] : [normalizeText(text), normalizeText(typed)];
}

/** A word of a keyword, without the signs that open it. */
interface KeywordWord {
	word: string;
	opensBefore: boolean;
	opensAfter: boolean;
}

function has(text: string, keyword: string): boolean {
	const words = keyword.split(' ').filter(Boolean).map(readWord);
	const first = words[0];
	const last = words.at(-1);
	if (!first || !last) return false;
	// Most keywords are not in most messages: look before building the pattern.
	if (!words.every(({ word }) => text.includes(withoutArticle(word)))) return false;
	const phrase = new RegExp(words.map(wordPattern).join(' '), 'gu');
	const mayStart: Edge = first.opensBefore ? anywhere : startOf(first.word);
	const mayEnd: Edge = last.opensAfter ? anywhere : endOf(last.word);
	for (let match = phrase.exec(text); match; match = phrase.exec(text)) {
		const { index } = match;
		if (mayStart(text, index) && mayEnd(text, index + match[0].length)) return true;
		// The next place may begin inside this one, but not inside a surrogate pair: a Unicode
		// pattern would step back and find the same place for ever.
		phrase.lastIndex = index + ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1);
	}
	return false;
}

function readWord(written: string): KeywordWord {
	const word = written
		.replace(/^\*+(?=[\p{L}\p{N}\p{M}])/u, '')
		.replace(/(?<=[\p{L}\p{N}\p{M}])\*+$/u, '');
	if (!/\p{L}/u.test(word)) return { word: written, opensBefore: false, opensAfter: false };
	return {
		word,
		opensBefore: written.startsWith('*') && !word.startsWith('*'),
		opensAfter: written.endsWith('*') && !word.endsWith('*'),
	};
}

/** The sign itself may stand there too: customers send keywords as they read them in a menu. */
const REST = `(?:\\*|(?:${WORD}){0,${LONGEST_REST}})`;

function wordPattern(
	{ word, opensBefore, opensAfter }: KeywordWord,
	index: number,
	words: KeywordWord[],
): string {
	// At the ends of the phrase nothing needs to be read: the rest of the word may be anything.
	const start = opensBefore && index > 0 ? REST : '';
	const end = opensAfter && index < words.length - 1 ? REST : '';
	const pattern = start + stemPattern(word, index) + end;
	// A word that is open on both sides can be read in many ways, and with several such words the
	// ways multiply. What a lookahead found is not tried again.
	return start && end ? `(?=(?<word${index}>${pattern}))\\k<word${index}>` : pattern;
}

function stemPattern(word: string, index: number): string {
	const stem = withoutArticle(word);
	if (!isArabic(word) || (index === 0 && stem === word)) return escape(word);
	// ل before the keyword's own article makes it لل.
	return index === 0 ? `(?:ال|لل)${escape(stem)}` : `(?:ال)?${escape(stem)}`;
}

function escape(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}
