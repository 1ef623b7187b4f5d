import fc from 'fast-check';
import {
	buildLookup,
	type LookupFacts,
	type LookupTemplate,
} from '../../nodes/enrichment/lookupRequest';

const facts: LookupFacts = {
	phone: '+201001234567',
	email: 'a+b@example.com',
	name: 'Amal / Co',
	language: null,
	country: 'EG',
	contactKey: 'k1',
	channel: 'whatsapp',
	message: 'Hello',
	fields: { plan: 'gold', 'crm id': 7, is: false, list: ['x'], empty: ' ' },
};

const build = (template: Partial<LookupTemplate>, known: Partial<LookupFacts> = {}) =>
	buildLookup(
		{ method: 'GET', url: 'https://crm.example.com/', headers: [], body: '', ...template },
		{ ...facts, ...known },
	);
const urlOf = (url: string, known: Partial<LookupFacts> = {}) => {
	const built = build({ url }, known);
	return 'request' in built ? built.request.url : built;
};

describe('the address of a look-up', () => {
	test.each([
		['https://crm.example.com/c/{phone}', 'https://crm.example.com/c/%2B201001234567'],
		[
			'https://crm.example.com/?m={email}&n={name}#x',
			'https://crm.example.com/?m=a%2Bb%40example.com&n=Amal%20%2F%20Co#x',
		],
		[
			' https://crm.example.com/{field:crm id}/{field:is}/{channel}/{contactKey}/{country} ',
			'https://crm.example.com/7/false/whatsapp/k1/EG',
		],
	])('%s', (template, url) => expect(urlOf(template)).toBe(url));

	test.each([
		['{language}', 'The contact has no language'],
		['{field:nothing}', "The contact has no field 'nothing'"],
		['{field:empty}', "The contact has no field 'empty'"],
		['{field:list}', "The contact has no field 'list'"],
		['{field:constructor}', "The contact has no field 'constructor'"],
	])('%s: nothing is asked', (placeholder, missing) => {
		expect(build({ url: `https://crm.example.com/${placeholder}` })).toEqual({ missing });
	});

	test.each([
		['', /is empty/],
		['crm.example.com/{phone}', /is no address/],
		['ftp://crm.example.com/', /must begin with https/],
		['javascript:alert(1)', /must begin with https/],
		['https://user:secret@crm.example.com/', /into the credential/],
		['https://crm.example.com/{Phone}', /\{Phone\}, which is no placeholder.*\{phone\} \{email\}/],
		['https://crm.example.com/{}', /no placeholder/],
		['https://crm.example.com/?q={message}', /only stand in the JSON body/],
	])('%s is told', (url, problem) => {
		expect(build({ url })).toEqual({ problem: expect.stringMatching(problem) });
	});

	test.each(['.', '..', ' .. '])('a value %j does not lead elsewhere', (name) => {
		expect(urlOf('https://crm.example.com/a/{name}/b', { name })).toEqual({
			missing: 'A value of the contact cannot stand in an address',
		});
	});

	test('no value changes where a look-up goes', () => {
		const value = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.constantFrom('../', '@evil.com', '\\', '%2e%2e', '?', '#', '&a=b', '\ud800'),
		);
		fc.assert(
			fc.property(value, (name) => {
				const built = build({ url: 'https://crm.example.com/a/{name}/b?n={name}&z=1' }, { name });
				if (!('request' in built)) return;
				const url = new URL(built.request.url);
				expect(url.origin).toBe('https://crm.example.com');
				expect(url.pathname).toMatch(/^\/a\/[^/]+\/b$/);
				expect([...url.searchParams.keys()]).toEqual(['n', 'z']);
				expect(url.hash).toBe('');
				if (!/\p{Surrogate}/u.test(name)) expect(url.searchParams.get('n')).toBe(name.trim());
			}),
		);
	});

	test('a host cannot be filled in', () => {
		const phone = 'evil.com';
		expect(urlOf('https://{phone}/', { phone })).toEqual({ missing: expect.any(String) });
		expect(urlOf('https://{phone}.example.com/', { phone })).toEqual({
			missing: expect.any(String),
		});
		expect(urlOf('{phone}', { phone: 'https://evil.com' })).toEqual({
			problem: expect.any(String),
		});
	});
});

describe('the body of a look-up', () => {
	const bodyOf = (body: string, known: Partial<LookupFacts> = {}) => {
		const built = build({ method: 'POST', body }, known);
		return 'request' in built ? built.request.body : built;
	};

	test('no value changes its structure', () => {
		const template = { a: ['{name}', { '{name}': 'x{name}y{message}' }], n: 1 };
		const value = fc.oneof(
			fc.string({ unit: 'grapheme' }),
			fc.constantFrom('","b":"', '{phone}', '$&', '\\'),
		);
		fc.assert(
			fc.property(value, value, (name, message) => {
				const body = bodyOf(JSON.stringify(template), { name, message });
				if (typeof body !== 'string') return;
				const [is, said] = [name.trim(), message];
				expect(JSON.parse(body)).toEqual({ a: [is, { '{name}': `x${is}y${said}` }], n: 1 });
			}),
		);
	});

	test.each([
		['', null],
		[' ', null],
		['{"other": "{other} {}"}', '{"other":"{other} {}"}'],
		['{"phone": {phone}}', { problem: expect.stringMatching(/between quotation marks/) }],
		['{"said": "{language}"}', { missing: 'The contact has no language' }],
	])('%s', (template, expected) => expect(bodyOf(template)).toEqual(expected));

	test('there is nothing to ask with where the message has no text', () => {
		for (const message of ['', null]) {
			expect(bodyOf('["{message}"]', { message })).toEqual({ missing: 'The message has no text' });
		}
	});

	test('a GET has none', () => {
		expect(build({ body: '{"a":1}' })).toMatchObject({ request: { body: null } });
	});
});

test.each([
	[{ name: 'Authorization', value: 'x' }, /belongs into the credential/],
	[{ name: 'cookie', value: 'x' }, /belongs into the credential/],
	[{ name: 'Host', value: 'x' }, /cannot be set here/],
	[{ name: 'X Y', value: 'x' }, /signs that no header may have/],
	[{ name: 'X', value: 'a\r\nAuthorization: b' }, /signs that no header may have/],
])('the header %j is told', (header, problem) => {
	expect(build({ headers: [header] })).toEqual({ problem: expect.stringMatching(problem) });
});

test('headers are sent as they are', () => {
	const built = build({
		headers: [
			{ name: ' X-Version ', value: ' 2 {phone} ' },
			{ name: '', value: 'x' },
		],
	});
	expect(built).toMatchObject({
		request: { headers: { Accept: 'application/json', 'X-Version': '2 {phone}' } },
	});
});
