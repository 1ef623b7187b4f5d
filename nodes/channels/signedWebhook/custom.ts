import type { ChannelRequest, ChannelSettings, Verification } from '../channel';
import { headerOf, hmac, refuse, sameBytes } from '../signatures';
import { readCustomScheme, signatureBytes, type CustomScheme } from './customScheme';
import { timeProblem } from './time';

/** Verifies a request by the scheme that the operator described. */
export function verifyCustom(request: ChannelRequest, settings: ChannelSettings): Verification {
	const read = readCustomScheme(settings);
	if ('problems' in read) {
		const fields = [...new Set(read.problems.map(({ field }) => `'${field}'`))].join(', ');
		return refuse(
			`The credential is not complete (${fields}), so no message can be trusted. Its test says what to change.`,
		);
	}
	const { scheme } = read;
	const header = headerOf(request, scheme.header)?.trim();
	if (!header) {
		return refuse(
			`The request has no header ${scheme.header}: another sender sent it, or a proxy took it away.`,
		);
	}
	const signed = signedParts(request, scheme, header);
	if ('reason' in signed) return refuse(signed.reason);

	const given = signaturesIn(header, scheme);
	const fits = scheme.keys.some((key) => {
		const expected = hmac(scheme.algorithm, key, ...signed.parts);
		return given.some((bytes) => sameBytes(bytes, expected));
	});
	if (fits) return { ok: true };
	return refuse(
		given.length === 0
			? `The header ${scheme.header} holds no signature of the expected form. Compare Prefix, Encoding and Signature Key in the credential with what the sender sends.`
			: 'No signature fits the body. Check that Signing Secret, Secret Encoding, Algorithm and Signed Text in the credential are those of this sender, and that the body arrives unchanged.',
	);
}

/** The bytes that were signed, in order, or why they cannot be put together. */
function signedParts(
	request: ChannelRequest,
	scheme: CustomScheme,
	header: string,
): { parts: Array<string | Buffer> } | { reason: string } {
	const values: { timestamp?: string; id?: string } = {};
	const { timestampHeader, timestampKey, idHeader } = scheme;
	if (timestampHeader !== undefined || timestampKey !== undefined) {
		const name =
			timestampHeader === undefined
				? `"${timestampKey}" in the header ${scheme.header}`
				: `The header ${timestampHeader}`;
		const timestamp =
			timestampHeader === undefined
				? onlyOne(valuesOf(header, timestampKey))
				: headerOf(request, timestampHeader);
		if (!timestamp) return { reason: `${name} is missing, or there more than once.` };
		const late = timeProblem(name, timestamp, request.now, scheme.tolerance);
		if (late !== undefined) return { reason: late };
		values.timestamp = timestamp;
	}
	if (idHeader !== undefined) {
		const id = headerOf(request, idHeader);
		if (!id) return { reason: `The header ${idHeader} is missing, or there more than once.` };
		values.id = id;
	}
	const parts: Array<string | Buffer> = [];
	for (const [index, piece] of scheme.signedText.entries()) {
		if ('literal' in piece) {
			parts.push(piece.literal);
			continue;
		}
		if (piece.placeholder === 'body') {
			parts.push(request.rawBody);
			continue;
		}
		const value = values[piece.placeholder] ?? '';
		const next = scheme.signedText[index + 1];
		// Otherwise the end of the ID could move into what follows, and the text have two readings.
		if (piece.placeholder === 'id' && next && 'literal' in next && value.includes(next.literal)) {
			return { reason: `The header ${idHeader} must not contain "${next.literal}".` };
		}
		parts.push(value);
	}
	return { parts };
}

/**
 * Every signature in the header, decoded. Senders that replace their secret list several, separated
 * by spaces or commas; a prefix may end with a comma itself (`v1,`).
 */
function signaturesIn(header: string, scheme: CustomScheme): Buffer[] {
	const { prefix, signatureKey, encoding } = scheme;
	const candidates =
		signatureKey === undefined
			? afterPrefix(header, prefix)
			: valuesOf(header, signatureKey).flatMap((value) => afterPrefix(value, prefix));
	return candidates.flatMap((candidate) => signatureBytes(candidate, encoding) ?? []);
}

/** What follows each prefix that stands at the beginning or behind a separator. */
function afterPrefix(text: string, prefix: string): string[] {
	if (prefix === '') return text.split(/[\s,;]+/).filter((part) => part !== '');
	const found: string[] = [];
	let from = text.indexOf(prefix);
	while (from >= 0) {
		const end = from + prefix.length;
		if (from === 0 || /[\s,;]/.test(text[from - 1]!)) {
			const [first] = text
				.slice(end)
				.trimStart()
				.split(/[\s,;]/, 1);
			if (first) found.push(first);
		}
		from = text.indexOf(prefix, end);
	}
	return found;
}

/** The values of one name in a header such as `t=1614265330,v1=5257a8…`. */
function valuesOf(header: string, name: string | undefined): string[] {
	return header.split(/[\s,;]+/).flatMap((pair) => {
		const equals = pair.indexOf('=');
		return equals > 0 && pair.slice(0, equals) === name ? [pair.slice(equals + 1)] : [];
	});
}

function onlyOne(values: string[]): string | undefined {
	return values.length === 1 ? values[0] : undefined;
}
