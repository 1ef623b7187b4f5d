import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from '../../vendor';

/** What a link does. */
export const LINK_ACTIONS = ['accept', 'decline', 'close', 'snooze', 'away', 'back'] as const;

export type LinkAction = (typeof LINK_ACTIONS)[number];

/** What a link says, and its signature vouches for. */
export interface LinkClaims {
	action: LinkAction;
	workspace: string;
	/** Null where it is about the agent alone. */
	conversation: string | null;
	agent: string;
	/** It works until then. Milliseconds since 1970. */
	expiresAt: number;
	/** One use: whatever carries the same is used by it, too. */
	nonce: string;
	/** For `snooze`. Milliseconds. */
	snoozeFor?: number;
}

/** Short names: the link travels in messages. */
const shape = z
	.object({
		a: z.enum(LINK_ACTIONS),
		w: z.string(),
		c: z.string().nullable(),
		g: z.string(),
		x: z.number().int(),
		n: z.string().min(1),
		s: z.number().int().positive().optional(),
	})
	.strict();

/** Longer is none of ours: a workspace and a key of an agent are at most so long. Characters. */
const LONGEST = 4_000;

/** Two parts in base64url (RFC 4648, section 5): what is claimed, and 256 bits that vouch for it. */
const FORM = /^([\w-]+)\.([\w-]{43})$/;

/** HMAC-SHA256 (RFC 2104). What is signed as a claim never holds the colon that begins other uses. */
const digest = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();

export function signLink(claims: LinkClaims, key: Buffer): string {
	const { action, workspace, conversation, agent, expiresAt, nonce, snoozeFor } = claims;
	const short: z.infer<typeof shape> = {
		...{ a: action, w: workspace, c: conversation, g: agent, x: expiresAt, n: nonce },
		...(snoozeFor === undefined ? {} : { s: snoozeFor }),
	};
	const body = Buffer.from(JSON.stringify(short)).toString('base64url');
	return `${body}.${digest(key, body).toString('base64url')}`;
}

/** The same for the same: a delivery that is emitted again gives links that are used together. */
export const nonceOf = (key: Buffer, ...parts: string[]) =>
	digest(key, `nonce:${JSON.stringify(parts)}`)
		.subarray(0, 16)
		.toString('base64url');

/** Whether a text could be a link's at all; asks nobody and nothing. */
export const looksLikeLink = (token: string) => token.length <= LONGEST && FORM.test(token);

/** What a link claims, if this key vouches for it; undefined for everything else. */
export function verifyLink(token: string, key: Buffer): LinkClaims | undefined {
	const [, body, signature] = looksLikeLink(token) ? (FORM.exec(token) ?? []) : [];
	if (body === undefined || signature === undefined) return undefined;
	const given = Buffer.from(signature, 'base64url');
	const wanted = digest(key, body);
	// The last character of 43 has bits to spare: only one way to write a signature counts.
	const isPlain = given.toString('base64url') === signature;
	if (given.length !== wanted.length || !timingSafeEqual(given, wanted) || !isPlain) {
		return undefined;
	}
	return claimsIn(body);
}

/** What is written in a link, whoever wrote it: to see which workspace it is for, and for nothing else. */
export function workspaceClaimed(token: string): string | undefined {
	const [, body] = looksLikeLink(token) ? (FORM.exec(token) ?? []) : [];
	return body === undefined ? undefined : claimsIn(body)?.workspace;
}

function claimsIn(body: string): LinkClaims | undefined {
	try {
		const { a, w, c, g, x, n, s } = shape.parse(
			JSON.parse(Buffer.from(body, 'base64url').toString()),
		);
		return {
			...{ action: a, workspace: w, conversation: c, agent: g, expiresAt: x, nonce: n },
			...(s === undefined ? {} : { snoozeFor: s }),
		};
	} catch {
		return undefined;
	}
}
