import { mentions, normalizeText } from './text';

const WORD = /[\p{Letter}\p{Number}\p{Mark}]/u;

/** Code units; only scripts without spaces go on for longer, and there any place counts. */
const LONGEST_WORD = 100;

/**
 * The first of the keywords that the text has letter by letter, as a whole word or phrase by the
 * same rules as {@link mentions}; null when there is none. Only how a letter is encoded does not count.
 */
export function findExactMention(text: string, keywords: readonly string[]): string | null {
	const written = text.normalize('NFC');
	return keywords.find((keyword) => hasExactly(written, keyword.normalize('NFC').trim())) ?? null;
}

function hasExactly(text: string, keyword: string): boolean {
	if (keyword === '') return false;
	for (let at = text.indexOf(keyword); at >= 0; at = text.indexOf(keyword, at + 1)) {
		// The words that it stands in, so that another place in the text cannot speak for this one.
		if (mentions(wordsAround(text, at, at + keyword.length), keyword)) return true;
	}
	return false;
}

/** The text between these places, with the rest of the words that they are in. */
function wordsAround(text: string, start: number, end: number): string {
	let from = start;
	for (let before = characterBefore(text, from); isPart(before, start - from);) {
		from -= before.length;
		before = characterBefore(text, from);
	}
	let to = end;
	for (let after = characterAt(text, to); isPart(after, to - end);) {
		to += after.length;
		after = characterAt(text, to);
	}
	return text.slice(from, to);
}

const isPart = (character: string, reached: number) =>
	character !== '' && reached < LONGEST_WORD && WORD.test(character);

const characterAt = (text: string, at: number) => {
	const code = text.codePointAt(at);
	return code === undefined ? '' : String.fromCodePoint(code);
};

const characterBefore = (text: string, at: number) =>
	/[\uD800-\uDBFF][\uDC00-\uDFFF]$/.exec(text.slice(Math.max(0, at - 2), at))?.[0] ??
	text.slice(Math.max(0, at - 1), at);

/** The form in which short values (tags, intents, field values) are compared. */
export const comparable = (exactly: boolean) => (value: string) =>
	exactly ? value.normalize('NFC').trim() : normalizeText(value);
