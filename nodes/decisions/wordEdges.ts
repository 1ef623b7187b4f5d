/**
 * Where a word begins and ends, in scripts with spaces and without. All patterns look at one place
 * of a text; their character classes are large, so they are compiled once, not for each keyword.
 */

/** Scripts written without spaces between words: a keyword may stand anywhere in a run of them. */
const UNSPACED = [
	'Han',
	'Hiragana',
	'Katakana',
	'Bopomofo',
	'Thai',
	'Lao',
	'Khmer',
	'Myanmar',
	'Tibetan',
]
	.map((script) => `\\p{Script_Extensions=${script}}`)
	.join('');

/** What a word goes on with: letters, digits and marks, but not those of unspaced scripts. */
export const WORD = `(?![${UNSPACED}])[\\p{Letter}\\p{Number}\\p{Mark}]`;

/**
 * Arabic writes "and", "so", "with", "like", "for" and "the" onto the word after them: و ف ب ك ل
 * and ال, also several (وال، بال), and ل with ال as لل.
 */
const ARABIC_PREFIX = '(?:[وف]?(?:[بكل]?(?:ال)?|لل))';

const isWord = new RegExp(`^${WORD}`, 'u');
const isUnspaced = new RegExp(`^[${UNSPACED}]`, 'u');
const isHangul = /^\p{Script=Hangul}/u;
const isFlag = /^\p{Regional_Indicator}/u;
export const isArabic = (word: string): boolean => /^\p{Script=Arabic}/u.test(word);

/** Code units to look back: the longest Arabic prefix has four, a letter before it at most two. */
const LONGEST_PREFIX = 16;

const BEFORE_WORD = new RegExp(`(?<!${WORD})$`, 'u');
const BEFORE_ARABIC = new RegExp(`(?<!${WORD})${ARABIC_PREFIX}$`, 'u');
const BEFORE_ARTICLE = new RegExp(`(?<!${WORD})[وف]?[بك]?$`, 'u');
/** Korean endings are written onto words of any script: "vip는". */
const AFTER_WORD = new RegExp(`^(?!(?!\\p{Script=Hangul})${WORD})`, 'u');
/** A mark after a letter makes it another syllable, in any script. */
const AFTER_SYLLABLE = /^(?!\p{Mark})/u;

/** Whether something may begin or end at a place (code units) of the text. */
export type Edge = (text: string, at: number) => boolean;

export const anywhere: Edge = () => true;

const before =
	(pattern: RegExp): Edge =>
	(text, at) =>
		pattern.test(text.slice(Math.max(0, at - LONGEST_PREFIX), at));

const after =
	(pattern: RegExp): Edge =>
	(text, at) =>
		pattern.test(text.slice(at));

/** Where a word may begin, by its first letter. */
export function startOf(word: string): Edge {
	if (isFlag.test(word)) return flagStarts();
	if (!isWord.test(word)) return anywhere;
	if (!isArabic(word)) return before(BEFORE_WORD);
	return before(withoutArticle(word) === word ? BEFORE_ARABIC : BEFORE_ARTICLE);
}

/** Where a word may end, by its last letter. */
export function endOf(word: string): Edge {
	const base = [...word].reverse().find((character) => !/^\p{Mark}/u.test(character)) ?? '';
	if (isHangul.test(base) || isUnspaced.test(base)) return after(AFTER_SYLLABLE);
	return isWord.test(base) ? after(AFTER_WORD) : anywhere;
}

/** Without ال, unless so little is left that it may be part of the word, as in الله. */
export function withoutArticle(word: string): string {
	return word.startsWith('ال') && word.length >= 5 ? word.slice(2) : word;
}

/**
 * Flags are pairs of letters: a flag may only start after whole pairs. Places are asked for in
 * order, so that each letter of a long row is counted once.
 */
function flagStarts(): Edge {
	let counted = 0;
	let letters = 0;
	return (text, at) => {
		// Each letter is two code units.
		for (; counted < at; counted += 2) {
			if (isFlag.test(text.slice(counted, counted + 2))) letters++;
			else {
				letters = 0;
				counted--;
			}
		}
		return letters % 2 === 0;
	};
}
