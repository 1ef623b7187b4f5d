import type { Checked, Question } from './contracts';
import { refused } from './contracts';

type TextQuestion = Extract<Question, { kind: 'text' }>;

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Any text, also the words under a file. */
export function checkText(
	{ shortest, longest }: TextQuestion,
	written: string | undefined,
): Checked<string> {
	if (written === undefined) return refused('has no text');
	// Counted no further than needed: a message may be very long.
	if (shortest !== undefined && !hasMoreThan(written, shortest - 1)) {
		return refused(`has fewer than ${shortest} characters`);
	}
	if (longest !== undefined && hasMoreThan(written, longest)) {
		return refused(`has more than ${longest} characters`);
	}
	return { valid: true, value: written, text: written };
}

function hasMoreThan(text: string, characters: number): boolean {
	if (text.length <= characters) return false;
	const segments = GRAPHEMES.segment(text)[Symbol.iterator]();
	for (let count = 0; count <= characters; count++) {
		if (segments.next().done) return false;
	}
	return true;
}
