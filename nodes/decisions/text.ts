/**
 * Compares what customers write with what operators look for. Customers type without accents,
 * with other forms of the same Arabic letter, with a phone's invisible marks; none of it should
 * decide whether a rule matches.
 */

/** Letters that the decompositions of Unicode leave whole, as people type them without. */
const FOLDED: Record<string, string> = {
	ß: 'ss',
	æ: 'ae',
	œ: 'oe',
	ø: 'o',
	ł: 'l',
	đ: 'd',
	ð: 'd',
	þ: 'th',
	ħ: 'h',
	// Turkish capital I means this letter, but "I" in any other language is a dotted i.
	ı: 'i',
	// The sigma that ends a Greek word.
	ς: 'σ',
	// Arabic: alef wasla, alef maqsura, ta marbuta. Hamza and madda fall with the other marks.
	ٱ: 'ا',
	ى: 'ي',
	ة: 'ه',
	// Persian and Urdu letters that keyboards swap for Arabic ones: yeh, kaf, the four hehs.
	ی: 'ي',
	ک: 'ك',
	ہ: 'ه',
	ھ: 'ه',
	ە: 'ه',
	ۃ: 'ه',
	'‘': "'",
	'’': "'",
	ʼ: "'",
};
const FOLDABLE = new RegExp(`[${Object.keys(FOLDED).join('')}]`, 'gu');

/**
 * Accents, vowel points and other marks that may be left out in these scripts. Not so in Indic
 * scripts and Thai, where marks are vowels, nor in kana, where U+3099 and U+309A change the sound.
 * Cyrillic й and ї keep theirs: they are letters of their own, unlike ё.
 */
const MARKS =
	/(?![\u3099\u309A])(?!(?<=и)\u0306|(?<=і)\u0308)(?=[\p{Mn}\p{Me}])[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Greek}\p{Script=Cyrillic}]/gu;

/** Zero-width, bidi and variation marks, the soft hyphen; skin tones; the Arabic tatweel. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u{1F3FB}-\u{1F3FF}\u0640]/gu;

const DIGIT = /\p{Decimal_Number}/gu;

/**
 * The form in which two texts are compared: same letters, digits and spaces for what readers take
 * for the same. Applying it twice changes nothing.
 *
 * Follows Unicode: NFKD and NFC (UAX #15) for full-width and other presentation forms, general
 * categories and scripts (UAX #44, UAX #24) for marks and digits.
 */
export function normalizeText(text: string): string {
	return asciiDigits(
		text
			.normalize('NFKD')
			.replace(INVISIBLE, '')
			.toLowerCase()
			// A capital may become a letter with a mark (İ); a second pass finds it decomposed.
			.normalize('NFKD')
			.replace(MARKS, '')
			.replace(FOLDABLE, (letter) => FOLDED[letter] ?? letter)
			.replace(/\p{Dash_Punctuation}/gu, '-')
			.normalize('NFC'),
	)
		.replace(/[\s\p{Separator}\p{Control}]+/gu, ' ')
		.trim();
}

/**
 * Decimal digits of every script as 0 to 9. Unicode keeps each set of ten together and in order
 * (Unicode stability policy), so counting back to its zero gives the value.
 */
export function asciiDigits(text: string): string {
	return text.replace(DIGIT, (digit) => (digit < '\u0080' ? digit : String(digitValue(digit))));
}

function digitValue(digit: string): number {
	const code = digit.codePointAt(0) ?? 0;
	let before = code - 1;
	while (/\p{Decimal_Number}/u.test(String.fromCodePoint(before))) before--;
	return (code - before - 1) % 10;
}

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
const WORD = `(?![${UNSPACED}])[\\p{Letter}\\p{Number}\\p{Mark}]`;

/**
 * Arabic writes "and", "so", "with", "like", "for" and "the" onto the word after them: و ف ب ك ل
 * and ال, also several (وال، بال), and ل with ال as لل.
 */
const ARABIC_PREFIX = '(?:[وف]?(?:[بكل]?(?:ال)?|لل))';

const isWord = new RegExp(`^${WORD}`, 'u');
const isUnspaced = new RegExp(`^[${UNSPACED}]`, 'u');
const isArabic = /^\p{Script=Arabic}/u;
const isHangul = /^\p{Script=Hangul}/u;
const isFlag = /^\p{Regional_Indicator}/u;

/** Code units to look back: the longest Arabic prefix has four, a letter before it at most two. */
const LONGEST_PREFIX = 16;

/**
 * What must end before a keyword, or begin after it. They are apart from the keyword's own pattern
 * because their character classes are large: compiled once, not once for each keyword.
 */
const ANYTHING = /(?:)/u;
const BEFORE_WORD = new RegExp(`(?<!${WORD})$`, 'u');
const BEFORE_ARABIC = new RegExp(`(?<!${WORD})${ARABIC_PREFIX}$`, 'u');
const BEFORE_ARTICLE = new RegExp(`(?<!${WORD})[وف]?[بك]?$`, 'u');
/** Flags are pairs of letters: a pair may only start after whole pairs. */
const BEFORE_FLAG = /(?<!\p{Regional_Indicator})(?:\p{Regional_Indicator}{2})*$/u;
/** Korean endings are written onto words of any script: "vip는". */
const AFTER_WORD = new RegExp(`^(?!(?!\\p{Script=Hangul})${WORD})`, 'u');
/** A mark after a letter makes it another syllable, in any script. */
const AFTER_SYLLABLE = /^(?!\p{Mark})/u;

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
 */
export function mentions(text: string, keyword: string): boolean {
	return normalizedMentions(normalizeText(text), keyword);
}

/** The first of the keywords that the text mentions, as the operator wrote it, or null. */
export function findMention(text: string, keywords: readonly string[]): string | null {
	const normalized = normalizeText(text);
	return keywords.find((keyword) => normalizedMentions(normalized, keyword)) ?? null;
}

function normalizedMentions(text: string, keyword: string): boolean {
	const words = normalizeText(keyword).split(' ').filter(Boolean);
	const [first] = words;
	const last = words.at(-1);
	if (!first || !last) return false;
	// Most keywords are not in most messages: look before building the pattern.
	if (!words.every((word) => text.includes(withoutArticle(word)))) return false;
	const phrase = new RegExp(words.map(wordPattern).join(' '), 'gu');
	const before = beforePattern(first);
	const after = afterPattern(last);
	for (let match = phrase.exec(text); match; match = phrase.exec(text)) {
		const { index } = match;
		// Prefixes are short; only flags need to be counted from the start.
		const from = before === BEFORE_FLAG ? 0 : Math.max(0, index - LONGEST_PREFIX);
		const end = index + match[0].length;
		if (before.test(text.slice(from, index)) && after.test(text.slice(end))) return true;
		// The next place may begin inside this one, but not inside a surrogate pair: a Unicode
		// pattern would step back and find the same place for ever.
		phrase.lastIndex = index + ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1);
	}
	return false;
}

function wordPattern(word: string, index: number): string {
	const stem = withoutArticle(word);
	if (!isArabic.test(word) || (index === 0 && stem === word)) return escape(word);
	// ل before the keyword's own article makes it لل.
	return index === 0 ? `(?:ال|لل)${escape(stem)}` : `(?:ال)?${escape(stem)}`;
}

/** Without ال, unless so little is left that it may be part of the word, as in الله. */
function withoutArticle(word: string): string {
	return word.startsWith('ال') && word.length >= 5 ? word.slice(2) : word;
}

function beforePattern(word: string): RegExp {
	if (isFlag.test(word)) return BEFORE_FLAG;
	if (!isWord.test(word)) return ANYTHING;
	if (!isArabic.test(word)) return BEFORE_WORD;
	return withoutArticle(word) === word ? BEFORE_ARABIC : BEFORE_ARTICLE;
}

function afterPattern(word: string): RegExp {
	const base = [...word].reverse().find((character) => !/^\p{Mark}/u.test(character)) ?? '';
	if (isHangul.test(base) || isUnspaced.test(base)) return AFTER_SYLLABLE;
	return isWord.test(base) ? AFTER_WORD : ANYTHING;
}

function escape(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}
