/**
 * Scripts and letters that tell a language by themselves. Script names are those of Unicode
 * (UAX #24), languages BCP 47 primary subtags.
 */

/** Scripts that one widely used language has to itself, or nearly so (confidence below 0.95). */
export const SCRIPT_LANGUAGES: Record<string, { language: string; confidence: number }> = {
	Hebrew: { language: 'he', confidence: 0.97 },
	Greek: { language: 'el', confidence: 0.99 },
	Thai: { language: 'th', confidence: 0.99 },
	Lao: { language: 'lo', confidence: 0.99 },
	Khmer: { language: 'km', confidence: 0.99 },
	Myanmar: { language: 'my', confidence: 0.95 },
	Hangul: { language: 'ko', confidence: 0.99 },
	Georgian: { language: 'ka', confidence: 0.98 },
	Armenian: { language: 'hy', confidence: 0.99 },
	Bengali: { language: 'bn', confidence: 0.95 },
	Gurmukhi: { language: 'pa', confidence: 0.98 },
	Gujarati: { language: 'gu', confidence: 0.98 },
	Oriya: { language: 'or', confidence: 0.98 },
	Tamil: { language: 'ta', confidence: 0.99 },
	Telugu: { language: 'te', confidence: 0.99 },
	Kannada: { language: 'kn', confidence: 0.98 },
	Malayalam: { language: 'ml', confidence: 0.99 },
	Sinhala: { language: 'si', confidence: 0.98 },
	Tibetan: { language: 'bo', confidence: 0.85 },
	// Also Tigrinya, with a tenth of the speakers.
	Ethiopic: { language: 'am', confidence: 0.85 },
	Thaana: { language: 'dv', confidence: 0.99 },
};

/** Points that a letter gives to a language among those of its script. */
export const LETTERS: Record<
	'Arabic' | 'Cyrillic' | 'Devanagari',
	Array<[RegExp, string, number]>
> = {
	Arabic: [
		[/[ةىكيأإؤ]/gu, 'ar', 1],
		// The article; at the start of a word of four letters or more.
		[/(?<!\p{L})[وفبك]?ال\p{L}{2}/gu, 'ar', 1],
		[/[پچژگکی]/gu, 'fa', 1],
		// Urdu, Kurdish and Pashto have the Persian letters too, but seldom without their own.
		[/[پچژگکی]/gu, 'ur', 0.75],
		[/[ٹڈڑںےہۓ]/gu, 'ur', 3],
		// Some Arabic keyboards write their heh with this one.
		[/ھ/gu, 'ur', 0.5],
		[/[پچژگکی]/gu, 'ckb', 0.6],
		[/[ڕڵۆێ]/gu, 'ckb', 3],
		[/ە/gu, 'ckb', 1.5],
		[/[پچژ]/gu, 'ps', 0.6],
		[/[ټډړږښګڼۍېځڅ]/gu, 'ps', 3],
	],
	Cyrillic: [
		[/[ыэё]/gu, 'ru', 1],
		[/[їєґ]/gu, 'uk', 3],
		[/і/gu, 'uk', 1],
		[/і/gu, 'be', 0.9],
		[/ў/gu, 'be', 4],
		[/[ыэё]/gu, 'be', 0.5],
		// Belarusian has no such letters; Ukrainian has.
		[/[ищ]/gu, 'be', -1],
		[/ъ/gu, 'bg', 1],
		[/[ђћ]/gu, 'sr', 4],
		[/[јљњџ]/gu, 'sr', 2],
		[/[ѓќѕ]/gu, 'mk', 4],
		[/[јљњџ]/gu, 'mk', 1.9],
		[/[әғқңұһ]/gu, 'kk', 3],
		[/[өү]/gu, 'mn', 2],
		[/[өү]/gu, 'kk', 1],
	],
	Devanagari: [[/ळ/gu, 'mr', 2]],
};

/** Characters that Japan simplified in its own way, or made: Chinese does not write them. */
const JAPANESE_ONLY = /[円収気売読払込働様発変帰図経駅済検験価広戻渋届続応対実権]/u;
/** Characters of nearly every Chinese sentence that Japanese hardly uses. */
const CHINESE_ONLY = /[你們们嗎吗呢這这哪麼么沒幫帮啊吧]/u;
/** Requests that Japanese writes without kana, which Chinese says in other words. */
const JAPANESE_WORDS = /請求書|領収書|返金|注文|予約|了解|見積|解約|退会|在庫|確認/u;

/** The language of a text whose letters are mostly ideographs or kana. */
export function readIdeographs(text: string): { language: string; confidence: number } {
	if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) {
		return { language: 'ja', confidence: 0.98 };
	}
	if (JAPANESE_ONLY.test(text)) return { language: 'ja', confidence: 0.8 };
	if (JAPANESE_WORDS.test(text) && !CHINESE_ONLY.test(text))
		return { language: 'ja', confidence: 0.7 };
	const ideographs = text.match(/\p{Script=Han}/gu)?.length ?? 0;
	// Two characters may be Japanese; a sentence without kana hardly ever is.
	return { language: 'zh', confidence: ideographs < 3 ? 0.75 : 0.93 };
}
