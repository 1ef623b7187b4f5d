import type { ChannelSettings } from '../channel';
import { textOf } from '../fields';
import { bytesOfBase64, bytesOfHex, secretsOf } from '../signatures';
import { TOLERANCE_SECONDS } from './time';

/** How a sender signs who follows no specification, read from the credential's form. */
export interface CustomScheme {
	keys: Buffer[];
	algorithm: 'sha1' | 'sha256' | 'sha512';
	/** The header that holds the signature, or a list of signatures. */
	header: string;
	/** Stands before each signature; may be empty. */
	prefix: string;
	encoding: 'hex' | 'base64';
	/** Where the header is a list of `name=value`: which of them are signatures, which is the time. */
	signatureKey: string | undefined;
	timestampKey: string | undefined;
	timestampHeader: string | undefined;
	idHeader: string | undefined;
	/** The signed text: literals, and what is put between them. */
	signedText: Piece[];
	/** Seconds; 0 when the time does not matter. */
	tolerance: number;
}

export type Placeholder = 'body' | 'timestamp' | 'id';
export type Piece = { literal: string } | { placeholder: Placeholder };

/** A field of the form that cannot be used as it is, and a sentence about it. */
export interface FieldProblem {
	field: string;
	sentence: string;
}

const ALGORITHMS: unknown[] = ['sha1', 'sha256', 'sha512'];
const ENCODINGS: unknown[] = ['hex', 'base64'];
const KEY_ENCODINGS: unknown[] = ['text', 'base64', 'hex'];
const PLACEHOLDERS = ['{body}', '{timestamp}', '{id}'];
/** A header's name (RFC 9110, "token"). */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const KEY_NAME = /^[\w-]+$/;

type Report = (field: string, sentence: string) => void;

/**
 * Reads the form. A half-filled one gives no scheme, only what is wrong with it: a signature that is
 * checked in a way nobody meant protects nobody.
 */
export function readCustomScheme(
	settings: ChannelSettings,
): { scheme: CustomScheme } | { problems: FieldProblem[] } {
	const problems: FieldProblem[] = [];
	const wrong: Report = (field, sentence) => problems.push({ field, sentence });

	const keys = secretsOf(settings.signingSecret).flatMap(
		(secret) => keyOf(secret, settings.keyEncoding) ?? [],
	);
	if (keys.length === 0) {
		wrong('Signing Secret', customSecretProblem(settings) ?? 'Enter the signing secret.');
	}
	const tolerance = String(settings.tolerance ?? TOLERANCE_SECONDS);
	if (!/^\d{1,9}$/.test(tolerance)) {
		wrong('Tolerance', 'Tolerance must be a whole number of seconds; 0 turns the check off.');
	}
	const scheme: CustomScheme = {
		keys,
		tolerance: Number(tolerance),
		prefix: textOf(settings.signaturePrefix) ?? '',
		signedText: piecesOf(settings.signedText ?? '{body}'),
		...choicesIn(settings, wrong),
		...namesIn(settings, wrong),
	};
	// A name that cannot be read is missing, too, and has been told already.
	if (problems.length === 0) checkSignedText(scheme, wrong);
	return problems.length === 0 ? { scheme } : { problems };
}

function choicesIn(
	settings: ChannelSettings,
	wrong: Report,
): Pick<CustomScheme, 'algorithm' | 'encoding'> {
	const { algorithm = 'sha256', encoding = 'hex', keyEncoding = 'text' } = settings;
	if (!ALGORITHMS.includes(algorithm)) wrong('Algorithm', 'Choose SHA-1, SHA-256 or SHA-512.');
	if (!ENCODINGS.includes(encoding)) wrong('Encoding', 'Choose Hex or Base64.');
	if (!KEY_ENCODINGS.includes(keyEncoding)) {
		wrong('Secret Encoding', 'Choose Text, Base64 or Hex.');
	}
	return {
		algorithm: algorithm as CustomScheme['algorithm'],
		encoding: encoding as CustomScheme['encoding'],
	};
}

function namesIn(
	settings: ChannelSettings,
	wrong: Report,
): Pick<CustomScheme, 'header' | 'timestampHeader' | 'idHeader' | 'signatureKey' | 'timestampKey'> {
	const name = (field: string, value: unknown, form: RegExp) => {
		const text = textOf(value);
		if (text !== undefined && !form.test(text)) {
			wrong(field, `${field} is not a name: letters, digits and hyphens.`);
		}
		return text;
	};
	const header = name('Signature Header', settings.signatureHeader, HEADER_NAME);
	if (header === undefined) {
		wrong('Signature Header', 'Enter the name of the header that holds the signature.');
	}
	return {
		header: header ?? '',
		timestampHeader: name('Timestamp Header', settings.timestampHeader, HEADER_NAME),
		idHeader: name('ID Header', settings.idHeader, HEADER_NAME),
		signatureKey: name('Signature Key', settings.signatureKey, KEY_NAME),
		timestampKey: name('Timestamp Key', settings.timestampKey, KEY_NAME),
	};
}

/** Whatever is signed has a place to come from, and whatever comes along is signed. */
function checkSignedText(scheme: CustomScheme, wrong: Report): void {
	const { signedText, timestampHeader, timestampKey, signatureKey, idHeader } = scheme;
	const count = (wanted: Placeholder) =>
		signedText.filter((piece) => 'placeholder' in piece && piece.placeholder === wanted).length;
	if (count('body') !== 1 || signedText.some(isBraced)) {
		wrong(
			'Signed Text',
			`Signed Text must hold {body} once, and no other braces than ${PLACEHOLDERS.join(', ')}.`,
		);
	}
	if (timestampHeader !== undefined && timestampKey !== undefined) {
		wrong(
			'Timestamp Key',
			'The time stands in a header of its own or inside the signature header: clear Timestamp Header or Timestamp Key.',
		);
	}
	if (timestampKey !== undefined && signatureKey === undefined) {
		wrong('Signature Key', 'Timestamp Key needs Signature Key: both are names in one header.');
	}
	const saysWhen = timestampHeader !== undefined || timestampKey !== undefined;
	if (count('timestamp') > 0 && !saysWhen) {
		wrong(
			'Timestamp Header',
			'Signed Text holds {timestamp}: enter the header it stands in, or its Timestamp Key.',
		);
	}
	if (count('timestamp') === 0 && saysWhen) {
		wrong(
			'Signed Text',
			'A timestamp is named, but Signed Text has no {timestamp}. A time that is not signed proves nothing: add it, or clear the field.',
		);
	}
	if (count('id') > 0 && idHeader === undefined) {
		wrong('ID Header', 'Signed Text holds {id}: enter the header it stands in.');
	}
	if (count('id') === 0 && idHeader !== undefined) {
		wrong('Signed Text', 'ID Header is named, but Signed Text has no {id}: add it, or clear it.');
	}
}

/** What is wrong with one of the secrets, in a sentence for the operator. */
export function customSecretProblem(settings: ChannelSettings): string | undefined {
	const secrets = secretsOf(settings.signingSecret);
	const index = secrets.findIndex((secret) => !keyOf(secret, settings.keyEncoding));
	if (index < 0) return undefined;
	const which = secrets.length === 1 ? 'The signing secret' : `Signing secret ${index + 1}`;
	return `${which} is not ${settings.keyEncoding === 'hex' ? 'hexadecimal' : 'base64'}. Copy it once more, or choose the Secret Encoding "Text" if it is a text.`;
}

/** The bytes of a signature, or undefined where it is none. */
export function signatureBytes(text: string, encoding: CustomScheme['encoding']) {
	return encoding === 'hex' ? bytesOfHex(text) : bytesOfBase64(plainBase64(text));
}

function keyOf(secret: string, encoding: unknown): Buffer | undefined {
	if (encoding === 'base64') return bytesOfBase64(plainBase64(secret));
	if (encoding === 'hex') return bytesOfHex(secret);
	return Buffer.from(secret, 'utf8');
}

/** The URL-safe letters of base64 (RFC 4648, section 5) stand for the same bytes. */
function plainBase64(text: string): string {
	return text.replaceAll('-', '+').replaceAll('_', '/');
}

function piecesOf(template: unknown): Piece[] {
	return (textOf(template) ?? '')
		.split(/(\{(?:body|timestamp|id)\})/)
		.filter((part) => part !== '')
		.map((part) =>
			PLACEHOLDERS.includes(part)
				? { placeholder: part.slice(1, -1) as Placeholder }
				: { literal: part },
		);
}

function isBraced(piece: Piece): boolean {
	return 'literal' in piece && /[{}]/.test(piece.literal);
}
