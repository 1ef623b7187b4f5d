import { lookup as lookUpName } from 'node:dns/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { AgentOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import type {
	IAllExecuteFunctions,
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	IHttpRequestOptions,
} from 'n8n-workflow';
import {
	addressKind,
	checkAddress,
	type CheckedAddress,
	type Resolve,
} from '../enrichment/lookupAddress';
import { isForCredential, type LookupCredential } from '../enrichment/lookupCredential';
import type { LookupRequest } from '../enrichment/lookupRequest';
import { codesIn } from '../runtime/calling';
import { asIs } from '../store/errors';
import type { LookupResponse } from './access';
import { SourceFailure, sourceFailure } from './failure';

export const LOOKUP_CREDENTIAL = 'conversationLookupApi';

/** Bytes of an answer; a record of a customer has a few thousand. */
const LARGEST_ANSWER = 1024 * 1024;

/** Times an answer may send us on to another address of the same host. */
const MOST_HOPS = 3;

interface Answer {
	statusCode: number;
	headers: IncomingHttpHeaders;
	body: Readable;
}

/** Through n8n: its proxies, its rules for addresses, and its credential, which adds who asks. */
export type LookupContext = Pick<IExecuteFunctions, 'helpers' | 'getNode' | 'logger'>;

/**
 * Asks the other system, step by step where it sends us on to another address of the same host.
 *
 * Before each step every IP address of the name is checked, and a public one of them is what n8n then
 * connects to, under the name (certificate and Host header stay those of the name): a name that changes
 * between the check and the call leads nowhere else. Two cases are left. Behind a proxy of n8n it is
 * the proxy that resolves the name. And where the credential allows private addresses, n8n resolves a
 * private name once more, since its own rules may allow it by the name.
 *
 * @throws SourceFailure
 */
export async function callLookup(
	context: LookupContext,
	credential: LookupCredential,
	request: LookupRequest,
	signal: AbortSignal,
	resolve: Resolve = resolveName,
): Promise<LookupResponse> {
	const first = new URL(request.url);
	let url = first;
	let { method, body } = request;
	for (let hop = 0; hop <= MOST_HOPS; hop++) {
		const addresses = await allowedAddresses(url, credential, resolve);
		signal.throwIfAborted();
		const options = {
			...{ method, url: url.href, ...(body === null ? {} : { body }) },
			headers: headersFor(request, body),
			...{ returnFullResponse: true, ignoreHttpStatusErrors: true, disableFollowRedirect: true },
			...{ encoding: 'stream', abortSignal: signal },
		} as IHttpRequestOptions;
		const isOrigin = url.origin === first.origin;
		const answer = await sendToOne(addresses, async (agentOptions) => {
			const sent = { ...options, agentOptions };
			return await send(context, isOrigin ? credential : undefined, sent);
		});
		try {
			const next = nextOf(answer, url);
			if (!next) {
				const { statusCode: status } = answer;
				const isOk = status >= 200 && status < 300;
				return { status, body: isOk ? await bytesOf(answer, signal) : Buffer.alloc(0) };
			}
			checkStep(url, next);
			url = next;
			// As browsers do (Fetch standard, "HTTP-redirect fetch"): only 307 and 308 repeat a POST.
			const repeats = [307, 308].includes(answer.statusCode);
			if (method === 'POST' && !repeats) [method, body] = ['GET', null];
		} finally {
			answer.body.destroy();
		}
	}
	throw sourceFailure('The other system sends the look-up from one address to the next');
}

function checkStep(from: URL, to: URL): void {
	const isSafe = to.protocol === from.protocol || to.protocol === 'https:';
	if (to.hostname === from.hostname && isSafe) return;
	throw sourceFailure(
		"The other system sends the look-up on to another host, which is not followed. Enter the final address under 'URL'",
	);
}

function headersFor(request: LookupRequest, body: string | null): Record<string, string> {
	// Unpacked, a small answer may be a very large one.
	const headers: Record<string, string> = { ...request.headers, 'Accept-Encoding': 'identity' };
	if (body === null) delete headers['Content-Type'];
	return headers;
}

const resolveName: Resolve = async (name) =>
	(await lookUpName(name, { all: true })).map(({ address }) => address);

/**
 * The addresses to connect to; none where n8n is to find them by itself.
 *
 * @throws SourceFailure where this address must not be asked with this credential
 */
export async function allowedAddresses(
	url: URL,
	credential: LookupCredential,
	resolve: Resolve = resolveName,
): Promise<string[]> {
	if (!isForCredential(url.href, credential)) {
		throw sourceFailure(
			`The host of the look-up is not among 'Allowed Hosts' of the credential. Add it there, or correct 'URL'`,
		);
	}
	const allowPrivate = credential.allowPrivateAddresses === true;
	let checked: CheckedAddress;
	try {
		checked = await checkAddress(url, { allowPrivate, resolve });
	} catch (error) {
		// Behind a proxy names of the internet may be unknown here: the proxy resolves them.
		if (hasProxy()) return [];
		throw notReached(error);
	}
	if ('refusal' in checked) throw sourceFailure(checked.refusal);
	if (hasProxy()) return [];
	return checked.addresses.filter((address) => addressKind(address) === 'public');
}

/** The request cannot have arrived: another address of the same name may be tried. */
const NOT_CONNECTED = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'];

const MOST_ADDRESSES = 4;

/** Sends to the first address that takes it, IPv4 before IPv6: not every machine has the newer one. */
async function sendToOne(
	addresses: string[],
	sendTo: (agent: AgentOptions) => Promise<Answer>,
): Promise<Answer> {
	const ordered = [...addresses].sort((a, b) => isIP(a) - isIP(b)).slice(0, MOST_ADDRESSES);
	// Options of Node's agent count more than those of its request, so this is where it connects to.
	for (const host of ordered.slice(0, -1)) {
		try {
			return await sendTo({ host });
		} catch (error) {
			if (!NOT_CONNECTED.includes((error as SourceFailure).code ?? '')) throw asIs(error);
		}
	}
	const last = ordered.at(-1);
	return await sendTo(last === undefined ? {} : { host: last });
}

const hasProxy = () =>
	['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].some(
		(name) => process.env[name] || process.env[name.toLowerCase()],
	);

async function send(
	context: LookupContext,
	credential: LookupCredential | undefined,
	options: IHttpRequestOptions,
): Promise<Answer> {
	const { helpers } = context;
	// Without a way to ask for the execution's own signal: n8n would put it in the place of ours.
	const caller = {
		helpers,
		getNode: () => context.getNode(),
		logger: context.logger,
	} as unknown as IAllExecuteFunctions;
	try {
		return (
			credential === undefined
				? await helpers.httpRequest(options)
				: await helpers.httpRequestWithAuthentication.call(caller, LOOKUP_CREDENTIAL, options, {
						credentialsDecrypted: {
							...{ id: '', name: '', type: LOOKUP_CREDENTIAL },
							data: { ...credential } as ICredentialDataDecryptedObject,
						},
					})
		) as Answer;
	} catch (error) {
		throw notReached(error);
	}
}

/** The words of the failure itself are left out: they hold the address, and that may hold a key. */
function notReached(error: unknown): SourceFailure {
	const [code] = codesIn(error);
	if (code !== undefined) {
		return sourceFailure(`The other system cannot be reached (${code})`, true, code);
	}
	const isPolicy = /ssrf|not allowed|blocked/i.test(error instanceof Error ? error.message : '');
	return sourceFailure(
		isPolicy
			? "n8n does not allow calls to the address of the look-up. Correct 'URL', or allow it in n8n's settings for outgoing requests"
			: 'The look-up could not be sent',
	);
}

function nextOf({ statusCode, headers }: Answer, from: URL): URL | undefined {
	if (![301, 302, 303, 307, 308].includes(statusCode) || !headers.location) return undefined;
	try {
		return new URL(headers.location, from);
	} catch {
		throw sourceFailure('The other system sends the look-up on to something that is no address');
	}
}

async function bytesOf({ body }: Answer, signal: AbortSignal): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let size = 0;
	const end = () => body.destroy();
	signal.addEventListener('abort', end, { once: true });
	try {
		for await (const chunk of body as AsyncIterable<Buffer>) {
			size += chunk.length;
			if (size > LARGEST_ANSWER) {
				throw sourceFailure('The answer of the other system is larger than 1 MB');
			}
			chunks.push(chunk);
		}
	} catch (error) {
		throw asIs(error instanceof SourceFailure ? error : notReached(error));
	} finally {
		signal.removeEventListener('abort', end);
	}
	return Buffer.concat(chunks);
}
