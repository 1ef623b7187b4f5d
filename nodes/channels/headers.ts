/**
 * For the `authenticate` of a credential: a request of n8n with these headers besides. A function
 * rather than n8n's generic form: what that says in expressions can only be read while an execution or
 * a webhook runs, and platforms are told, and addresses removed, when none does.
 */
export const withHeaders = <T extends { headers?: object }>(
	request: T,
	headers: Record<string, string>,
): T => ({ ...request, headers: { ...request.headers, ...headers } });

/** A secret as it was pasted, without the space around it. */
export const pasted = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
