import { asciiDigits } from '../decisions/text';
import type { Checked } from './contracts';
import { refused } from './contracts';

/** What stands beside an address in a text, and never inside one as people have them. */
const BESIDE = /[\s<>()[\]{}"“”«»,;:،؛、。|\\]+/u;

/** RFC 5321, section 4.5.3.1, in octets; the addresses of nearly everybody are ASCII. */
const LONGEST_LOCAL = 64;
const LONGEST_DOMAIN = 253;

/** RFC 5322, section 3.2.3 (atext), and the dot; at the end of what stands before the @. */
const LOCAL = /[\w.!#$%&'*+/=?^`{|}~-]*$/;
const LABEL = /^(?!-)[\p{L}\p{M}\p{N}-]{1,63}(?<!-)$/u;

/**
 * The one email address in a text. The domain is lower-cased, the part before it is left as it is:
 * only its own server knows whether capitals matter there. Addresses with letters outside ASCII
 * before the @ are refused; hardly a mail service takes them.
 */
export function checkEmail(written: string): Checked<string> {
	const text = asciiDigits(written.normalize('NFKC')).replace(
		/\p{Default_Ignorable_Code_Point}/gu,
		'',
	);
	const parts = text.split(BESIDE).filter((part) => part.includes('@'));
	const found = new Set(parts.flatMap((part) => addressIn(part) ?? []));
	const [address] = found;
	if (address === undefined) return refused('has no email address');
	if (found.size > 1) return refused('has more than one email address');
	return { valid: true, value: address, text: address };
}

function addressIn(part: string): string | undefined {
	const sides = part.split('@');
	if (sides.length !== 2) return undefined;
	const [before = '', after = ''] = sides;
	const local = localOf(before);
	const domain = domainOf(after.toLowerCase());
	return local !== undefined && domain !== undefined ? `${local}@${domain}` : undefined;
}

/** Marks around a word (*bold*, 'quoted') are not part of it. */
function localOf(before: string): string | undefined {
	const ascii = LOCAL.exec(before.slice(-LONGEST_LOCAL - 10))?.[0] ?? '';
	const letter = [...before.slice(0, before.length - ascii.length)].at(-1);
	// In writing without spaces another word may touch the address; "é" is a letter of it.
	if (
		letter !== undefined &&
		/[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u.test(letter)
	) {
		return undefined;
	}
	const local = ascii.replace(/^[*'`.~=]+/, '');
	const isDotted = local.endsWith('.') || local.includes('..');
	return local === '' || local.length > LONGEST_LOCAL || isDotted ? undefined : local;
}

function domainOf(after: string): string | undefined {
	const run = /^[\p{L}\p{M}\p{N}.-]*/u.exec(after.slice(0, LONGEST_DOMAIN + 10))?.[0] ?? '';
	const labels = run.replace(/[.-]+$/, '').split('.');
	const last = labels.at(-1) ?? '';
	// "a@b.co谢谢": the end of the address touches the next word.
	const ascii = /^[a-z\d-]+/.exec(last)?.[0];
	if (ascii !== undefined && ascii !== last) labels.splice(-1, 1, ascii.replace(/-+$/, ''));
	const domain = labels.join('.');
	if (labels.length < 2 || domain.length > LONGEST_DOMAIN) return undefined;
	const isDomain = labels.every((label) => LABEL.test(label)) && /^\p{L}.+$/u.test(labels.at(-1)!);
	return isDomain ? domain : undefined;
}
