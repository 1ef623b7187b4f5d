import { normalizeText } from '../decisions/text';
import { detectAll } from '../vendor';
import { LETTERS, readIdeographs, SCRIPT_LANGUAGES } from './languageScripts';
import { WORDS } from './languageWords';

export interface DetectedLanguage {
	/** BCP 47 primary subtag, lower case. */
	language: string;
	/** 0 to 1: how much a wrong answer would surprise. Ties of languages are below 0.5. */
	confidence: number;
	/** What told: the script, letters that only this language has, common words, or statistics. */
	method: 'script' | 'letters' | 'words' | 'statistics';
}

type SharedScript = keyof typeof WORDS;
type Scores = Map<string, number>;

/** More text than this does not change the answer. */
const LONGEST_TEXT = 1000;

/** What it counts when there is a sequence of letters that only one language has. */
const CERTAIN = 0.5;

/** Below this, statistics alone are a guess, and no answer is better. */
const LEAST_STATISTICAL = 0.3;

/**
 * What is in no language: links, addresses, user names, codes with digits. Without a path only the
 * commonest domains count as links: in "hola.me gusta" a space is missing.
 */
const NOT_LANGUAGE =
	/(?:https?:\/\/|www\.)\S+|[^\s@]+@[^\s@]+\.[^\s@]+|[@#][\p{L}\p{N}_.]+|(?:[a-z\d-]+\.)+(?:(?:com|net|org)(?:\/\S*)?(?![\p{L}\p{N}])|[a-z]{2,}\/\S*)|[a-z\d_-]*\d[a-z\d_-]*/giu;

const WORD = /[\p{Letter}\p{Mark}]+/gu;

/** Sizes ("M / L") and laughter ("ههههه"): one letter, once or often. */
const NO_WORD = /^(\p{Letter})\1*$/u;

/** Languages that the statistics may answer: leaves out constructed, dead and rarely written ones. */
const STATISTICAL: Partial<Record<SharedScript, string[]>> = {
	Latin: 'en es pt fr de it nl tr pl id vi ro cs sk sv da no fi hu et lv lt is af tl'.split(' '),
	Cyrillic: ['ru', 'uk', 'be', 'bg', 'sr', 'mk', 'kk', 'mn'],
};

const SCRIPTS = [
	...Object.keys(WORDS),
	...Object.keys(SCRIPT_LANGUAGES),
	'Han',
	'Hiragana',
	'Katakana',
];
const SCRIPT_LETTERS = SCRIPTS.map((script) => ({
	script,
	letters: new RegExp(`\\p{Script=${script}}`, 'gu'),
}));

/**
 * Tells the language of a chat message: by its script where that is enough, else by letters that
 * only some languages of the script have, by common words, and by letter statistics (tinyld).
 *
 * Short messages are the rule in chats. What several languages say alike ("hallo") gets one of
 * them with a low confidence; a lone word that nothing is known of gets none.
 *
 * @returns null when there is nothing to tell: numbers, emoji, links, names.
 */
export function detectLanguage(text: string): DetectedLanguage | null {
	const clean = text
		.slice(0, LONGEST_TEXT)
		.normalize('NFKC')
		// Inside Persian words stands a zero-width non-joiner; taken away, the word stays one.
		.replace(/\p{Default_Ignorable_Code_Point}/gu, '')
		.replace(NOT_LANGUAGE, ' ')
		.toLowerCase();
	const scripts = scriptsOf(clean);
	const [first, second] = scripts;
	if (!first) return null;
	if (first === 'Latin' && second && !areWords(clean)) {
		// Brand names are Latin in every language: "سعر iPhone Pro Max".
		return detectInScript(second, clean);
	}
	return detectInScript(first, clean);
}

/** The scripts of a text, the one with most letters first. */
function scriptsOf(text: string): string[] {
	const counts = new Map<string, number>();
	for (const { script, letters } of SCRIPT_LETTERS) {
		const count = text.match(letters)?.length ?? 0;
		if (count === 0) continue;
		// Kana and ideographs are written together, and each says as much as a few letters.
		const ideographic = ['Han', 'Hiragana', 'Katakana'].includes(script);
		const name = ideographic ? 'Han' : script;
		counts.set(name, (counts.get(name) ?? 0) + (ideographic ? 3 * count : count));
	}
	return [...counts.entries()].sort(([, a], [, b]) => b - a).map(([script]) => script);
}

function detectInScript(script: string, text: string): DetectedLanguage | null {
	if (script === 'Han') return { ...readIdeographs(text), method: 'script' };
	const single = SCRIPT_LANGUAGES[script];
	if (single) return { ...single, method: 'script' };
	return isShared(script) ? detectAmong(script, text) : null;
}

function isShared(script: string): script is SharedScript {
	return script in WORDS;
}

/** Whether words in Latin letters are a language's, and not only names between others. */
function areWords(text: string): boolean {
	const shares = wordScores('Latin', wordsOf('Latin', text)).values();
	return [...shares].reduce((sum, share) => sum + share, 0) >= 0.5;
}

/** Weighs letters, words and statistics for the languages that share a script. */
function detectAmong(script: SharedScript, text: string): DetectedLanguage | null {
	const words = wordsOf(script, text);
	if (words.every((word) => NO_WORD.test(word))) return null;
	const letters = letterScores(script, text, words.length);
	const common = wordScores(script, words);
	// Statistics of one word would only blur what is known of it.
	const isKnown = words.length === 1 && common.size > 0;
	const found: Scores = isKnown ? new Map() : statisticalScores(script, words.join(' '));
	const statistics = readMalay(found, common);
	const [best, next] = inOrder(script, [letters, common, statistics]);
	if (!best) return fallbackOf(script, words);
	const [language, score] = best;
	const margin = (score - (next?.[1] ?? 0)) / score;
	const strength = Math.min(1, score / 0.45);
	const byLetters = letters.get(language) ?? 0;
	const byWords = common.get(language) ?? 0;
	if (byLetters + byWords > 0) {
		const method = byWords >= byLetters ? 'words' : 'letters';
		return { language, confidence: round(0.3 + 0.67 * margin * strength), method };
	}
	// A few words that only statistics speak for are as likely names: of those, tinyld is never sure.
	const length = Math.min(1, words.length / 6);
	const confidence = round(0.2 + 0.7 * margin * strength * length);
	const fewest = score >= CERTAIN ? 2 : 3;
	if (words.length < fewest || confidence < LEAST_STATISTICAL) return null;
	return { language, confidence, method: 'statistics' };
}

/** The languages by their sums, the highest first; ties in the order of the word lists. */
function inOrder(script: SharedScript, all: Scores[]): Array<[string, number]> {
	const known = [...WORDS[script].keys()];
	const total: Scores = new Map(known.map((language) => [language, 0]));
	for (const scores of all) {
		for (const [language, score] of scores) add(total, language, score);
	}
	return [...total].filter(([, score]) => score > 0).sort(([, a], [, b]) => b - a);
}

function round(confidence: number): number {
	return Math.round(confidence * 100) / 100;
}

/** A word in letters that several languages share: the language that most write them in. */
function fallbackOf(script: SharedScript, words: string[]): DetectedLanguage | null {
	const language = { Latin: null, Cyrillic: 'ru', Arabic: 'ar', Devanagari: 'hi' }[script];
	if (language === null || words.length === 0) return null;
	return { language, confidence: script === 'Devanagari' ? 0.7 : 0.5, method: 'script' };
}

function wordsOf(script: SharedScript, text: string): string[] {
	const own = new RegExp(`^\\p{Script=${script}}`, 'u');
	return (text.match(WORD) ?? []).filter((word) => own.test(word));
}

/** The share of words that a language has in its list; a word of several lists counts for less. */
function wordScores(script: SharedScript, words: string[]): Scores {
	const scores: Scores = new Map();
	for (const word of words) {
		const plain = comparable(script, word);
		const languages = [...WORDS[script]].filter(([, list]) => list.has(plain));
		for (const [language] of languages) add(scores, language, 1 / languages.length / words.length);
	}
	return scores;
}

/**
 * Latin and Cyrillic without accents, as many people type them. In Arabic script the forms of
 * letters are what tells Persian from Arabic: there only the vowel marks go.
 */
function comparable(script: SharedScript, word: string): string {
	if (script === 'Arabic') return word.replace(/[\p{Mark}ـ]/gu, '');
	return script === 'Devanagari' ? word : normalizeText(word);
}

function letterScores(script: SharedScript, text: string, words: number): Scores {
	const scores: Scores = new Map();
	if (script === 'Latin' || words === 0) return scores;
	for (const [letters, language, points] of LETTERS[script]) {
		const count = text.match(letters)?.length ?? 0;
		if (count > 0) add(scores, language, (0.3 * count * points) / words);
	}
	return scores;
}

function statisticalScores(script: SharedScript, text: string): Scores {
	const only = STATISTICAL[script];
	if (!only || text.length < 4) return new Map();
	const found = detectAll(text, { only });
	const sum = found.reduce((all, { accuracy }) => all + accuracy, 0);
	// A full score means a sequence of letters that only this language has.
	const certain = found.length === 1 && found[0]?.accuracy === 1;
	return new Map(
		found.map(({ lang, accuracy }) => [lang, certain ? CERTAIN : 0.35 * (accuracy / (sum || 1))]),
	);
}

/** tinyld takes Malay for Indonesian, as nearly all their words are the same. The others decide. */
function readMalay(statistics: Scores, common: Scores): Scores {
	if ((common.get('ms') ?? 0) <= (common.get('id') ?? 0)) return statistics;
	return new Map([...statistics].map(([lang, score]) => [lang === 'id' ? 'ms' : lang, score]));
}

function add(scores: Scores, language: string, score: number): void {
	scores.set(language, (scores.get(language) ?? 0) + score);
}
