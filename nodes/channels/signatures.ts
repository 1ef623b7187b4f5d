import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ChannelRequest, Verification } from './channel';

/**
 * What the channels need to check who sent a request. Every comparison of a secret or a signature
 * goes through this file, so that none of them leaks by its duration how much of a guess was right.
 */

/** Whether two secrets are the same; says nothing by its duration, not even about their length. */
export function sameSecret(given: string, expected: string): boolean {
	const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
	return timingSafeEqual(digest(given), digest(expected));
}

/** The HMAC of the parts put one after the other, without copying the body. */
export function hmac(
	algorithm: 'sha1' | 'sha256' | 'sha512',
	key: string | Buffer,
	...parts: Array<string | Buffer>
): Buffer {
	const signer = createHmac(algorithm, key);
	for (const part of parts) signer.update(part);
	return signer.digest();
}

/**
 * A secret that follows from another one, and says nothing about it. The label tells what it is for:
 * with another label or encoding, whatever is known by the secret now is known no more.
 */
export function derivedSecret(
	secret: string,
	label: string,
	encoding: 'hex' | 'base64url' = 'hex',
): string {
	return hmac('sha256', secret, label).toString(encoding);
}

/** Whether two signatures, decoded to bytes, are the same. */
export function sameBytes(given: Buffer, expected: Buffer): boolean {
	// The length of a signature is public: it follows from the algorithm.
	return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The bytes of a hexadecimal text, or undefined where `Buffer.from` would silently cut it. */
export function bytesOfHex(text: string): Buffer | undefined {
	return text.length % 2 === 0 && /^[0-9a-f]+$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** The bytes of a base64 text (padding optional), or undefined where it is none. */
export function bytesOfBase64(text: string): Buffer | undefined {
	const unpadded = text.replace(/={1,2}$/, '');
	if (unpadded.length % 4 === 1 || !/^[A-Za-z0-9+/]+$/.test(unpadded)) return undefined;
	return Buffer.from(unpadded, 'base64');
}

/**
 * The secrets of one credential field: several, separated by commas or new lines, are all accepted
 * while a secret is being replaced. Empty when nothing is set, which a caller must refuse.
 */
export function secretsOf(setting: unknown): string[] {
	if (typeof setting !== 'string') return [];
	return setting
		.split(/[\n\r,]+/)
		.map((secret) => secret.trim())
		.filter((secret) => secret !== '');
}

/** The answer to a request that nothing proves; the reason is for the operator. */
export function refuse(reason: string, status: 401 | 403 = 401): Verification {
	return { ok: false, status, reason };
}

/** The value of a header that came exactly once; names are compared without regard to case. */
export function headerOf(request: ChannelRequest, name: string): string | undefined {
	const wanted = name.toLowerCase();
	for (const [key, value] of Object.entries(request.headers)) {
		if (key.toLowerCase() !== wanted) continue;
		// Sent twice, it would be anybody's guess which one to trust.
		return Array.isArray(value) ? (value.length === 1 ? value[0] : undefined) : value;
	}
	return undefined;
}
