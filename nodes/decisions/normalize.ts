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
	ڪ: 'ك',
	ہ: 'ه',
	ھ: 'ه',
	ە: 'ه',
	ۃ: 'ه',
	// Hindi writes the same nasal with a dot or with a dot and a moon.
	'\u0901': '\u0902',
	'‘': "'",
	'’': "'",
	ʼ: "'",
};
const FOLDABLE = new RegExp(Object.keys(FOLDED).join('|'), 'gu');

/**
 * Accents, vowel points and other marks that may be left out in these scripts. Not so in Indic
 * scripts and Thai, where marks are vowels, nor in kana, where U+3099 and U+309A change the sound.
 * Cyrillic й and ї keep theirs: they are letters of their own, unlike ё.
 */
const MARKS =
	/(?![\u3099\u309A])(?!(?<=и)\u0306|(?<=і)\u0308)(?=[\p{Mn}\p{Me}])[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Greek}\p{Script=Cyrillic}]/gu;

/**
 * The dot that gives five letters of Hindi a sound of Persian: फ़ोन, फोन. Most people leave it out;
 * in ड़ and ढ़ they do not.
 */
const NUKTA = /(?<=[कखगजफ])\u093C+/gu;

/** A nasal before a consonant of its own place, which Hindi writes with a dot as well: हिन्दी, हिंदी. */
const NASAL =
	/ङ\u094D(?=[कखगघ])|ञ\u094D(?=[चछजझ])|ण\u094D(?=[टठडढ])|न\u094D(?=[तथदध])|म\u094D(?=[पफबभ])/gu;

/** Zero-width, bidi and variation marks, the soft hyphen; skin tones; the Arabic tatweel. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u{1F3FB}-\u{1F3FF}\u0640]/gu;

/** Of those what shows nothing by itself. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

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
			.replace(NUKTA, '')
			.replace(NASAL, '\u0902')
			.replace(/\p{Dash_Punctuation}/gu, '-')
			.normalize('NFC'),
	)
		.replace(/[\s\p{Separator}\p{Control}]+/gu, ' ')
		.trim();
}

/**
 * The form in which two texts are compared where case, accents and letter forms count. Only what
 * nobody sees is made equal: composed letters, invisible marks, the kind and number of spaces.
 */
export function exactText(text: string): string {
	return text
		.normalize('NFC')
		.replace(UNSEEN, '')
		.normalize('NFC')
		.replace(/[\s\p{Separator}\p{Control}]+/gu, ' ')
		.trim();
}

/** The form in which short values (tags, intents, field values) are compared. */
export const comparable = (exactly: boolean) => (exactly ? exactText : normalizeText);

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
