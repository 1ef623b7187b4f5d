import { TextDecoder } from 'node:util';
import { storeError } from '../errors';

/** Longer is no row of ours; a file without line breaks must not fill the memory. Characters. */
const LONGEST = 64 * 1024 * 1024;

export interface Line {
	text: string;
	/** The first is 1. */
	number: number;
}

/**
 * The lines of a stream that are not empty, wherever its pieces are cut.
 *
 * @throws StoreError `InvalidInput` for what is no text in UTF-8, and for a line without end
 */
export async function* linesOf(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<Line> {
	const decoder = new TextDecoder('utf-8', { fatal: true });
	let number = 0;
	let rest = '';
	const decoded = (chunk?: Uint8Array) => {
		try {
			return decoder.decode(chunk, { stream: chunk !== undefined });
		} catch (error) {
			throw notText(number + 1, error);
		}
	};
	for await (const chunk of chunks) {
		const lines = (rest + (typeof chunk === 'string' ? chunk : decoded(chunk))).split('\n');
		rest = lines.pop() ?? '';
		if (rest.length > LONGEST) throw notText(number + 1);
		for (const text of lines) {
			number++;
			if (text.trim() !== '') yield { text, number };
		}
	}
	rest += decoded();
	if (rest.trim() !== '') yield { text: rest, number: number + 1 };
}

const notText = (line: number, cause?: unknown) =>
	storeError(
		'InvalidInput',
		`Line ${line} of the file is not a line of text`,
		'Choose a file that Conversation Store → Store → Export has made (.ndjson), not packed',
		cause,
	);
