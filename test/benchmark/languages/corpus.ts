/**
 * Chat messages in many languages, written for this benchmark: what customers ask, as they type it.
 *
 * Each message belongs to one of two halves, by a hash of its text. Word lists, letters and
 * thresholds of the pack may be tuned by looking at the first; only the second tells how good they
 * are.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export type Length = '1–3' | '4–8' | '9+';
export type Half = 'tuning' | 'test';

export interface LabelledMessage {
	text: string;
	/** BCP 47 primary subtag. */
	language: string;
	length: Length;
	half: Half;
}

export const LENGTHS: Length[] = ['1–3', '4–8', '9+'];

const words = new Intl.Segmenter('und', { granularity: 'word' });

/** By words as Unicode finds them, so also in scripts without spaces. */
function lengthOf(text: string): Length {
	const count = [...words.segment(text)].filter(({ isWordLike }) => isWordLike).length;
	if (count <= 3) return '1–3';
	return count <= 8 ? '4–8' : '9+';
}

function halfOf(text: string): Half {
	const [first = 0] = createHash('sha256').update(text).digest();
	return first % 2 === 0 ? 'tuning' : 'test';
}

function label(text: string, language: string): LabelledMessage {
	return { text, language, length: lengthOf(text), half: halfOf(text) };
}

function readJson<T>(...names: string[]): T {
	return JSON.parse(readFileSync(path.join(__dirname, ...names), 'utf8')) as T;
}

function readByLanguage(file: string): LabelledMessage[] {
	const all = readJson<Record<string, string[]>>('others', file);
	return Object.entries(all).flatMap(([language, texts]) =>
		texts.map((text) => label(text, language)),
	);
}

/** The messages of `messages/<language>.json` and `messages/<language>-<variety>.json`. */
export function readMessages(): LabelledMessage[] {
	return readdirSync(path.join(__dirname, 'messages')).flatMap((file) => {
		const [language = ''] = path.basename(file, '.json').split('-');
		return readJson<string[]>('messages', file).map((text) => label(text, language));
	});
}

/** Numbers, codes, links, emoji, names, brands: the right answer is none. */
export function readWithoutLanguage(): Array<{ text: string; half: Half }> {
	return readJson<string[]>('others', 'none.json').map((text) => ({ text, half: halfOf(text) }));
}

/** Messages with names of products in another script or language. */
export function readWithBrands(): LabelledMessage[] {
	return readByLanguage('mixed.json');
}

/** Arabic and Hindi as many type them, in Latin letters. */
export function readInLatinLetters(): LabelledMessage[] {
	return readByLanguage('latinLetters.json');
}
