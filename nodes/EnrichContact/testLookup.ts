import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { proofOf } from '../enrichment/lookupCredential';
import { reasonOf, sourceFailure } from './failure';
import { allowedAddresses } from './lookupCall';

/** Milliseconds. */
const TIMEOUT = 10_000;

/** The credential's test: asks its own Test URL, where there is one. */
export async function testLookup(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const address = typeof data.testUrl === 'string' ? data.testUrl.trim() : '';
	if (address === '') {
		return { status: 'OK', message: "Saved. Enter a 'Test URL' to have the credential tried" };
	}
	try {
		const url = urlOf(address);
		await allowedAddresses(url, data);
		const { headers, query: qs } = proofOf(data);
		// A test of a credential is given no other way to call.
		const { request } = this.helpers;
		const answer = request({
			...{ method: 'GET', uri: url.href, headers, qs, timeout: TIMEOUT },
			...{ followRedirect: false, resolveWithFullResponse: true, simple: false },
		}) as Promise<{ statusCode: number }>;
		const { statusCode: status } = await answer.catch(() => {
			// The words of the failure hold the address, and with it a key.
			throw sourceFailure('The other system cannot be reached');
		});
		if (status === 401 || status === 403) {
			throw sourceFailure(`The other system does not accept the credential (${status})`);
		}
		return { status: 'OK', message: `The other system answered (${status})` };
	} catch (error) {
		return { status: 'Error', message: reasonOf(error) };
	}
}

function urlOf(address: string): URL {
	try {
		return new URL(address);
	} catch {
		throw sourceFailure("'Test URL' is no address. Enter one that begins with https://");
	}
}
