import type { Reply } from './contracts';

/** Longer than any answer but a free text, and than the longest links to a map. */
const LONGEST_ANSWER = 2000;

const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Control}]/u;

/**
 * What the contact wrote, without the space around it; undefined where it wrote nothing. The mark
 * that stands for a message without words, such as `[image]`, and the name of a file are not
 * written by anybody.
 */
export function writtenIn({ text, type, attachments }: Reply): string | undefined {
	// NUL characters cannot be stored.
	const written = text.replaceAll('\0', '').trim();
	if (!VISIBLE.test(written) || written === `[${type}]`) return undefined;
	if (type === 'text') return written;
	const isMark = written.length < 50 && /^\[[a-z ]+\]$/.test(written);
	const isFileName = attachments.some(
		({ fileName, caption }) => fileName?.trim() === written && caption?.trim() !== written,
	);
	return isMark || isFileName ? undefined : written;
}

/** Whether it is a text that somebody may have pasted, not the answer to a short question. */
export const isTooLong = (written: string): boolean => written.length > LONGEST_ANSWER;
