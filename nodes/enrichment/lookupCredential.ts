import { createHash } from 'node:crypto';
import { isAllowedHost } from './lookupAddress';

/** The fields of the credential Conversation Look-Up API, as n8n hands them over: anything may be missing. */
export type LookupCredential = Record<string, unknown>;

/** What the credential adds to a request. */
export interface Proof {
	headers: Record<string, string>;
	query: Record<string, string>;
}

const text = (value: unknown) => (typeof value === 'string' ? value.trim() : '');

/** The hosts that the credential may be sent to; empty: any. */
export const allowedHostsOf = (credential: LookupCredential): string[] =>
	text(credential.allowedHosts)
		.split(/[\s,;]+/)
		.filter((host) => host !== '');

/** Who asks, as the credential says. What is not filled in adds nothing. */
export function proofOf(credential: LookupCredential): Proof {
	const headers: Record<string, string> = {};
	const query: Record<string, string> = {};
	const secret = (name: string) => text(credential[name]);
	switch (credential.authentication) {
		case 'header':
			if (secret('headerName')) headers[secret('headerName')] = secret('headerApiKey');
			break;
		case 'bearer':
			if (secret('token')) headers.Authorization = `Bearer ${secret('token')}`;
			break;
		case 'basic': {
			// Spaces may be part of a password. RFC 7617 leaves the encoding open; UTF-8 is what servers expect.
			const pair = `${secret('user')}:${String(credential.password ?? '')}`;
			headers.Authorization = `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
			break;
		}
		case 'query':
			if (secret('queryName')) query[secret('queryName')] = secret('queryApiKey');
			break;
	}
	return { headers, query };
}

/** Differs between two credentials that prove something different, and says nothing about either. */
export function fingerprintOf(credential: LookupCredential): string {
	return createHash('sha256')
		.update(JSON.stringify(proofOf(credential)))
		.digest('hex');
}

/** Whether the credential may be sent to this address. */
export function isForCredential(address: string, credential: LookupCredential): boolean {
	try {
		const { protocol, hostname } = new URL(address);
		return /^https?:$/.test(protocol) && isAllowedHost(hostname, allowedHostsOf(credential));
	} catch {
		return false;
	}
}
