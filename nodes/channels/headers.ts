/** What of a request of n8n says where it goes. The HTTP Request node calls its address `uri`. */
interface Addressed {
	url?: string;
	uri?: string;
	baseURL?: string;
}

/**
 * For the `authenticate` of a credential: a request of n8n with these headers besides, if it goes to
 * the provider. A function rather than n8n's generic form: what that says in expressions can only be
 * read while an execution or a webhook runs, and platforms are told, and addresses removed, when none
 * does.
 *
 * @param bases where the provider is: the credential's addresses
 */
export const withHeaders = <T extends { headers?: object }>(
	request: T & Addressed,
	bases: string[],
	headers: Record<string, string>,
): T =>
	goesTo(request, bases) ? { ...request, headers: { ...request.headers, ...headers } } : request;

/**
 * Whether a request goes to one of these servers. The HTTP Request node takes any address with any
 * credential, also one that stood in a customer's message, and a secret must not follow it there.
 */
export function goesTo({ url, uri, baseURL }: Addressed, bases: string[]): boolean {
	const origin = originOf(url ?? uri, baseURL);
	return origin !== undefined && bases.some((base) => originOf(base) === origin);
}

function originOf(address = '', base?: string): string | undefined {
	try {
		const { protocol, origin } = new URL(address, base === '' ? undefined : base);
		return /^https?:$/.test(protocol) ? origin : undefined;
	} catch {
		return undefined;
	}
}

/** A secret as it was pasted, without the space around it. */
export const pasted = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
