import type { Attachment, MessageType } from './channel';
import { textOf } from './fields';

/** What a message says: enough to show it, and to fetch its files later. */
export interface Content {
	type: MessageType;
	text: string;
	attachments: Attachment[];
}

/** Without a text, the mark of the type stands in: the contact did write. */
export function content(
	type: MessageType,
	text: string | undefined,
	attachments: Attachment[] = [],
): Content {
	return { type, text: text ?? `[${type}]`, attachments };
}

/** Kept as written, with its line breaks; only nothing at all counts as missing. */
export function writtenOf(value: unknown): string | undefined {
	return textOf(value) === undefined ? undefined : (value as string);
}
