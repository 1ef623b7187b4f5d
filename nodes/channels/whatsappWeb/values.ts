import { fieldsOf, idOf, textOf, type Fields } from '../fields';
import { derivedSecret } from '../signatures';

/**
 * A time as the gateways write it, in milliseconds: seconds or milliseconds, as a number (perhaps
 * with a fraction), as digits, or as the halves of a 64-bit number, `{low, high}`.
 */
export function timeOf(value: unknown, now: number): number {
	const halves = fieldsOf(value);
	const number = halves ? longOf(halves) : typeof value === 'string' ? digitsOf(value) : value;
	if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0) return now;
	// 100,000,000,000 seconds are the year 5138, as many milliseconds are 1973.
	const time = Math.round(number >= 100_000_000_000 ? number : number * 1000);
	// After the year 9999 a time is written differently.
	return time < 253_402_300_800_000 ? time : now;
}

function digitsOf(text: string): number | undefined {
	return /^\d{1,16}(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}

function longOf({ low, high }: Fields): number | undefined {
	if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high ?? 0)) return undefined;
	return ((high as number | undefined) ?? 0) * 2 ** 32 + ((low as number) >>> 0);
}

/** The ID in a message key; whatsmeow writes `ID`, Baileys `id`. */
export function keyIdOf(key: unknown): string | undefined {
	const fields = fieldsOf(key);
	return idOf(fields?.id) ?? idOf(fields?.ID);
}

/** Keys that open something, and the bytes of files and thumbnails, whatever holds them. */
const LEFT_OUT = new Set([
	'apikey',
	'server_url',
	'base64',
	'mediakey',
	'mediakeytimestamp',
	'messagesecret',
	'jpegthumbnail',
	'pngthumbnail',
	'thumbnail',
	'filesha256',
	'fileencsha256',
	'thumbnailsha256',
	'thumbnailencsha256',
	'streamingsidecar',
	'firstframesidecar',
	'midqualityfilesha256',
	'scanlengths',
	'scanssidecar',
	'waveform',
	'directpath',
	'thumbnaildirectpath',
	'instancetoken',
]);

/** Nobody needs more, and what is nested without end cannot be written down again later. */
const DEEPEST = 60;

/**
 * A provider's object as it may be kept and shown: without keys and tokens, without the bytes of
 * files in any of the forms in which versions write them, and without addresses that carry a token.
 */
export function withoutSecrets(value: unknown, depth = 0): unknown {
	if (typeof value !== 'object' || value === null) return value;
	if (depth > DEEPEST || isBytes(value)) return undefined;
	if (Array.isArray(value)) {
		return value.map((one: unknown) => withoutSecrets(one, depth + 1) ?? null);
	}
	const kept: Fields = {};
	// An encrypted file of WhatsApp: its address opens nothing without the key, and carries a token.
	const isEncrypted = 'mediaKey' in value;
	for (const [key, inner] of Object.entries(value)) {
		const name = key.toLowerCase();
		if (LEFT_OUT.has(name) || key === '__proto__') continue;
		if (isEncrypted && name === 'url') continue;
		const clean = isAddress(name) ? withoutToken(inner) : withoutSecrets(inner, depth + 1);
		if (clean !== undefined) kept[key] = clean;
	}
	return kept;
}

const isAddress = (name: string) => name === 'url' || name === 'mediaurl';

/** Signed addresses of S3, and such with an API key: who has them gets the file. */
function withoutToken(value: unknown): unknown {
	if (typeof value !== 'string') return withoutSecrets(value, DEEPEST);
	return /^https?:/i.test(value) && /[?&](x-|sig|token|api)/i.test(value)
		? value.slice(0, value.indexOf('?'))
		: value;
}

/** `{"0":1,"1":2}` and `{"type":"Buffer","data":[…]}`: bytes that went through JSON. */
function isBytes(value: object): boolean {
	if (Array.isArray(value)) return false;
	const { type, data } = value as Fields;
	if (type === 'Buffer' && (Array.isArray(data) || typeof data === 'string')) return true;
	const keys = Object.keys(value);
	return keys.length > 0 && keys.every((key, index) => key === String(index));
}

/** Shorter keys are guessed: `admin`, `123456`. */
const SHORTEST_KEY = 16;

/** Keys from examples, which thousands of servers have: that of Evolution's `.env.example`. */
const WELL_KNOWN = new Set(['429683C4C977415CAAFCCE10F7D57E11']);

/**
 * The API key, where nobody can guess it. Operators of these servers make it up themselves, and
 * whoever knows it can make what follows from it.
 */
export function strongKeyOf(apiKey: unknown): string | undefined {
	const key = textOf(apiKey);
	if (key === undefined || key.length < SHORTEST_KEY) return undefined;
	return WELL_KNOWN.has(key.toUpperCase()) ? undefined : key;
}

/**
 * What we register as the secret of a webhook: it follows from the API key, so that nobody has to
 * type or keep it, and says nothing about the key. Undefined where the key could be guessed.
 */
export function webhookSecretOf(apiKey: unknown, label: string): string | undefined {
	const key = strongKeyOf(apiKey);
	return key === undefined ? undefined : derivedSecret(key, label);
}
