import { fieldsOf, listOf, textOf } from '../channels/fields';

/** How mail writes words, addresses and HTML. */

export interface Address {
	/** In small letters: mailboxes do not tell `Jane@` from `jane@`. */
	address: string;
	name?: string;
}

/** RFC 5321 allows 64 characters, the sign and 255 more. */
const LONGEST_ADDRESS = 320;
/** The first address of a header is near its beginning; a stranger may send any length. */
const LONGEST_HEADER = 2000;
const ADDRESS = /^[^\s@<>()",;:]+@[^\s@<>()",;:]+$/;

/** The address that a text is, in small letters; undefined when it is none. */
export function addressIn(value: unknown): string | undefined {
	const text = textOf(value)?.toLowerCase();
	return text !== undefined && text.length <= LONGEST_ADDRESS && ADDRESS.test(text)
		? text
		: undefined;
}

/**
 * The first address of a header: as mailparser gives it (`{value: [{address, name}]}`), or as it
 * stands in the mail (`"Doe, Jane" <jane@example.com>`; RFC 5322, section 3.4).
 */
export function addressOf(value: unknown): Address | undefined {
	const [first] = listOf(fieldsOf(value)?.value);
	const parsed = fieldsOf(first);
	if (parsed) return named(addressIn(parsed.address), textOf(parsed.name));
	const text = textOf(value)?.slice(0, LONGEST_HEADER);
	if (text === undefined) return undefined;
	// A name in quotes may hold anything, also what looks like an address.
	const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => '"'.repeat(quoted.length));
	const start = bare.indexOf('<');
	if (start < 0) {
		const [address, comment] = text.split('(', 2);
		return named(addressIn(address), comment?.replace(/\).*$/s, ''));
	}
	const end = bare.indexOf('>', start);
	const address = addressIn(text.slice(start + 1, end < 0 ? undefined : end));
	const name = text
		.slice(0, start)
		.trim()
		.replace(/^"(.*)"$/s, '$1')
		.replace(/\\(.)/gs, '$1');
	return named(address, name);
}

function named(address: string | undefined, name: string | undefined): Address | undefined {
	if (address === undefined) return undefined;
	const words = textOf(name === undefined ? undefined : decodedWords(name));
	return words === undefined ? { address } : { address, name: words };
}

/** `=?charset*language?B or Q?content?=`; the language came later (RFC 2231). */
const ENCODED_WORD = /=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bq])\?([^?\s]*)\?=/gi;
const RUN_OF_WORDS = new RegExp(`(?:${ENCODED_WORD.source})(?:\\s*${ENCODED_WORD.source})*`, 'gi');

/**
 * The words of a header beyond ASCII (`=?UTF-8?B?…?=`), readable; RFC 2047. Long texts are split
 * into several, by many senders in the middle of a letter, so the bytes are joined first.
 */
export function decodedWords(text: string): string {
	return text.replace(RUN_OF_WORDS, (run) => {
		const words: Array<{ charset: string; bytes: Buffer[] }> = [];
		for (const [, charset = '', kind, content = ''] of run.matchAll(ENCODED_WORD)) {
			const isBase64 = kind?.toLowerCase() === 'b';
			const bytes = isBase64 ? Buffer.from(content, 'base64') : quotedBytes(content);
			const last = words.at(-1);
			if (last?.charset === charset.toLowerCase()) last.bytes.push(bytes);
			else words.push({ charset: charset.toLowerCase(), bytes: [bytes] });
		}
		try {
			return words
				.map(({ charset, bytes }) => new TextDecoder(charset).decode(Buffer.concat(bytes)))
				.join('');
		} catch {
			// A character set that this machine does not know: unreadable, but not lost.
			return run;
		}
	});
}

function quotedBytes(text: string): Buffer {
	const latin = text
		.replaceAll('_', ' ')
		.replace(/=([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
	return Buffer.from(latin, 'latin1');
}

/** Not for reading, or told elsewhere. */
const HIDDEN = new Set(['head', 'script', 'style', 'title']);
const NEW_LINE = new Set(['div', 'li', 'tr']);
const NEW_PARAGRAPH = new Set([
	...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
	...['blockquote', 'hr', 'ol', 'pre', 'table', 'ul'],
]);

/**
 * The readable text of an HTML mail, for mails that have no other: tags away, lines and paragraphs
 * kept. Goes through the text once, whatever a stranger puts into it.
 */
export function textOfHtml(html: string): string {
	const parts: string[] = [];
	let isNewLine = true;
	const write = (words: string) => {
		parts.push(words);
		if (words.trim() !== '') isNewLine = false;
	};
	const breakLine = (lines: string) => {
		parts.push(lines);
		isNewLine = true;
	};
	let at = 0;
	const unclosed = new Set<string>();
	while (at < html.length) {
		const start = html.indexOf('<', at);
		write(html.slice(at, start < 0 ? undefined : start).replace(/\s+/g, ' '));
		if (start < 0) break;
		if (html.startsWith('<!--', start)) {
			const end = html.indexOf('-->', start + 4);
			at = end < 0 ? html.length : end + 3;
			continue;
		}
		const [, slash, name] = /^<(\/?)([a-z][a-z0-9]*)/i.exec(html.slice(start, start + 20)) ?? [];
		if (name === undefined && !/^<[!?/]/.test(html.slice(start, start + 2))) {
			write('<');
			at = start + 1;
			continue;
		}
		const end = html.indexOf('>', start);
		at = end < 0 ? html.length : end + 1;
		const tag = (name ?? '').toLowerCase();
		if (tag === 'br') breakLine('\n');
		else if (NEW_LINE.has(tag) && !isNewLine) breakLine('\n');
		else if (NEW_PARAGRAPH.has(tag)) breakLine('\n\n');
		else if (tag === 'td') write(' ');
		if (slash === '' && HIDDEN.has(tag) && !unclosed.has(tag)) {
			const closing = new RegExp(`</${tag}`, 'gi');
			closing.lastIndex = at;
			const found = closing.exec(html);
			if (found) at = found.index;
			else unclosed.add(tag);
		}
	}
	return withoutEmptyLines(withoutEntities(parts.join('')));
}

/** At most one empty line in a row, and none at the ends. */
function withoutEmptyLines(text: string): string {
	const lines: string[] = [];
	for (const line of text.split('\n')) {
		const words = line.replace(/ +/g, ' ').trim();
		if (words !== '' || (lines.length > 0 && lines.at(-1) !== '')) lines.push(words);
	}
	return lines.join('\n').trim();
}

const ENTITIES: Record<string, string> = {
	...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', shy: '' },
	...{ lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', laquo: '«', raquo: '»' },
	...{ ndash: '–', mdash: '—', hellip: '…', bull: '•', middot: '·', euro: '€', pound: '£' },
	...{ copy: '©', reg: '®', trade: '™', zwnj: '\u200c', zwj: '\u200d' },
	...{ lrm: '\u200e', rlm: '\u200f' },
};

function withoutEntities(text: string): string {
	return text.replace(
		/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi,
		(all, decimal?: string, hex?: string, name?: string) => {
			if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? all;
			const code = decimal === undefined ? parseInt(hex!, 16) : Number(decimal);
			const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
			return isCharacter ? String.fromCodePoint(code) : '';
		},
	);
}
