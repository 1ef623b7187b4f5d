import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { ConversationLookupApi } from '../../credentials/ConversationLookupApi.credentials';
import { fingerprintOf } from '../../nodes/enrichment/lookupCredential';

const { authenticate } = new ConversationLookupApi();
const request: IHttpRequestOptions = {
	url: 'https://crm.example.com/a',
	headers: { A: '1' },
	qs: { b: 2 },
};
const authenticated = async (
	credential: ICredentialDataDecryptedObject,
	changes: Partial<IHttpRequestOptions> = {},
) => {
	if (typeof authenticate !== 'function') throw new Error('is a function');
	return await authenticate(credential, { ...request, ...changes });
};
const bearer = { authentication: 'bearer', token: ' t ' };

describe('the credential of a look-up', () => {
	test.each<[ICredentialDataDecryptedObject, object]>([
		[bearer, { headers: { A: '1', Authorization: 'Bearer t' } }],
		[
			{ authentication: 'header', headerName: 'X', headerApiKey: 'h' },
			{ headers: { A: '1', X: 'h' } },
		],
		[{ authentication: 'query', queryName: 'k', queryApiKey: 'q' }, { qs: { b: 2, k: 'q' } }],
		[{ authentication: 'none', token: 't' }, {}],
		[{ authentication: 'bearer', token: '' }, {}],
		[{}, {}],
	])('%j adds %j', async (credential, added) => {
		expect(await authenticated(credential)).toEqual({ ...request, ...added });
	});

	test.each([
		['crm.example.com', request.url, true],
		['*.example.com other.com', request.url, true],
		['example.com', request.url, false],
		['crm.example.com', 'https://crm.example.com.evil.com/', false],
		['crm.example.com', 'https://evil.com/crm.example.com', false],
		['', 'ftp://crm.example.com/', false],
		['', 'nothing', false],
	])('allowed for "%s", it goes to %s: %s', async (allowedHosts, url, expected) => {
		const { headers } = await authenticated({ ...bearer, allowedHosts }, { url });
		expect('Authorization' in headers!).toBe(expected);
	});

	test('looks at the address that is really called', async () => {
		const credential = { ...bearer, allowedHosts: 'crm.example.com' };
		const relative = await authenticated(credential, { url: '/a', baseURL: 'https://evil.com' });
		expect(relative.headers).toEqual({ A: '1' });
		const here = await authenticated(credential, { url: '/a', baseURL: 'https://crm.example.com' });
		expect(here.headers).toHaveProperty('Authorization');
	});

	test('has a fingerprint that differs with what it proves, and shows nothing of it', () => {
		const prints = [
			{ authentication: 'none' },
			bearer,
			{ ...bearer, token: 'u' },
			{ authentication: 'header', headerName: 'Authorization', headerApiKey: 't' },
			{ authentication: 'query', queryName: 'Authorization', queryApiKey: 'Bearer t' },
			{ authentication: 'basic', user: 'a', password: 'b' },
			{ authentication: 'basic', user: 'a', password: 'b ' },
		].map(fingerprintOf);
		expect(new Set(prints).size).toBe(prints.length);
		expect(fingerprintOf({ ...bearer, allowedHosts: 'x', token: 't' })).toBe(prints[1]);
		for (const print of prints) expect(print).toMatch(/^[\da-f]{64}$/);
	});
});
