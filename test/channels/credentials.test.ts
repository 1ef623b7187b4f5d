import { runInNewContext } from 'node:vm';
import type { ICredentialType, IHttpRequestOptions } from 'n8n-workflow';
import { ConversationChatwootApi } from '../../credentials/ConversationChatwootApi.credentials';
import { ConversationEvolutionApi } from '../../credentials/ConversationEvolutionApi.credentials';
import { ConversationInstagramApi } from '../../credentials/ConversationInstagramApi.credentials';
import { ConversationLineApi } from '../../credentials/ConversationLineApi.credentials';
import { ConversationMessengerApi } from '../../credentials/ConversationMessengerApi.credentials';
import { ConversationRespondIoApi } from '../../credentials/ConversationRespondIoApi.credentials';
import { ConversationTelegramApi } from '../../credentials/ConversationTelegramApi.credentials';
import { ConversationTwilioApi } from '../../credentials/ConversationTwilioApi.credentials';
import { ConversationViberApi } from '../../credentials/ConversationViberApi.credentials';
import { ConversationWahaApi } from '../../credentials/ConversationWahaApi.credentials';
import { ConversationWhatsAppApi } from '../../credentials/ConversationWhatsAppApi.credentials';
import { goesTo } from '../../nodes/channels/headers';

const SECRET = '123456789:sesame';

/** Each credential, filled in, with the addresses that are its provider's own. */
const CASES: Array<[ICredentialType, Record<string, string>, string[]]> = [
	[new ConversationChatwootApi(), { apiAccessToken: SECRET }, []],
	[new ConversationEvolutionApi(), { apiKey: SECRET }, []],
	[new ConversationInstagramApi(), { accessToken: SECRET }, ['https://graph.facebook.com/v25.0']],
	[
		new ConversationLineApi(),
		{ channelAccessToken: SECRET },
		['https://api.line.me', 'https://api-data.line.me'],
	],
	[new ConversationMessengerApi(), { accessToken: SECRET }, ['https://graph.facebook.com/v25.0']],
	[
		new ConversationRespondIoApi(),
		{ apiAccessToken: SECRET },
		['https://api.respond.io/v2', 'https://app.respond.io'],
	],
	[new ConversationTelegramApi(), { botToken: SECRET }, ['https://api.telegram.org']],
	[
		new ConversationTwilioApi(),
		{ accountSid: 'AC1', authToken: SECRET },
		['https://api.twilio.com'],
	],
	[new ConversationViberApi(), { authToken: SECRET }, ['https://chatapi.viber.com']],
	[new ConversationWahaApi(), { apiKey: SECRET }, []],
	[
		new ConversationWhatsAppApi(),
		{ accessToken: SECRET },
		['https://graph.facebook.com/v25.0', 'https://lookaside.fbsbx.com'],
	],
];

it('takes an address without a scheme for one of another server', () => {
	const base = 'https://gateway.example.com';
	expect(goesTo({ url: '//evil.example.com/x', baseURL: base }, [base])).toBe(false);
	expect(goesTo({ url: '//gateway.example.com/x', baseURL: base }, [base])).toBe(true);
});

it('is tested at its address, with or without a slash at its end', () => {
	for (const [{ name, test }, , [own]] of CASES) {
		const expression = /^=\{\{(.*)\}\}$/s.exec(test?.request.baseURL ?? '')?.[1] ?? '';
		const baseOf = (credentials: object): unknown =>
			runInNewContext(expression, { $credentials: credentials });
		expect([name, baseOf({ baseUrl: ' https://a.example/v1// ' })]).toEqual([
			name,
			'https://a.example/v1',
		]);
		if (own !== undefined) expect([name, baseOf({ baseUrl: '' })]).toEqual([name, own]);
	}
});

it('is refused whatever Viber answers but 0', () => {
	const rules = (new ConversationViberApi().test.rules ?? []).map(({ properties }) => properties);
	const messageFor = (status: number) =>
		rules.find((rule) => 'key' in rule && rule.key === 'status' && rule.value === status)?.message;
	expect(messageFor(2)).toBe('Viber does not know this token.');
	expect(messageFor(7)).toBe('Viber has blocked this bot.');
	for (let status = 1; status < 100; status++) expect(messageFor(status)).toMatch(/[^.]\.$/);
	expect(messageFor(0)).toBeUndefined();
});

describe.each(CASES)('the secret of a credential', (type, fields, own) => {
	const carries = async (
		request: Partial<IHttpRequestOptions> & { uri?: string },
		baseUrl?: string,
	) => {
		const { authenticate } = type;
		if (typeof authenticate !== 'function') throw new Error(`${type.name} has no function`);
		const credentials = baseUrl === undefined ? fields : { ...fields, baseUrl };
		const sent = await authenticate(credentials, request as IHttpRequestOptions);
		return JSON.stringify(sent).includes(SECRET);
	};
	const BASE = 'https://gateway.example.com:8443/v1';

	it(`goes to the address of the credential and to the provider: ${type.name}`, async () => {
		for (const baseUrl of [BASE, ` ${BASE}/ `]) {
			expect(await carries({ url: `${BASE}/messages` }, baseUrl)).toBe(true);
			expect(await carries({ uri: `${BASE}/messages` }, baseUrl)).toBe(true);
			expect(await carries({ url: '/messages', baseURL: BASE }, baseUrl)).toBe(true);
		}
		for (const url of own) {
			expect(await carries({ url: `${url}/messages` })).toBe(true);
			expect(await carries({ url: `${url}/messages` }, '')).toBe(true);
		}
	});

	it(`goes nowhere else: ${type.name}`, async () => {
		for (const url of [
			'https://evil.example.com/messages',
			'https://gateway.example.com/v1/messages',
			'http://gateway.example.com:8443/v1/messages',
			'https://gateway.example.com:8443.evil.example.com/v1/messages',
			'https://gateway.example.com:8443@evil.example.com/v1/messages',
			'ftp://gateway.example.com:8443/v1/messages',
			'messages',
			'',
		]) {
			expect(await carries({ url }, BASE)).toBe(false);
			expect(await carries({ uri: url }, BASE)).toBe(false);
		}
		const elsewhere = 'https://evil.example.com';
		expect(await carries({ url: `${elsewhere}/x`, baseURL: BASE }, BASE)).toBe(false);
		expect(await carries({ url: '/messages', baseURL: elsewhere }, BASE)).toBe(false);
		expect(await carries({ url: 'https://evil.example.com/messages' }, '')).toBe(false);
		expect(await carries({ url: '/messages' }, '')).toBe(false);
	});
});
