import fc from 'fast-check';
import { addressIn, addressOf, decodedWords, textOfHtml } from '../../nodes/openings/emailText';

describe('an address of a header', () => {
	it.each([
		['"Jane Doe" <Jane@Example.com>', 'jane@example.com', 'Jane Doe'],
		['Jane Doe <jane@example.com>', 'jane@example.com', 'Jane Doe'],
		['"Doe, Jane \\"JD\\"" <jane@example.com>', 'jane@example.com', 'Doe, Jane "JD"'],
		['jane@example.com', 'jane@example.com', undefined],
		['<jane@example.com>', 'jane@example.com', undefined],
		['jane@example.com (Jane Doe)', 'jane@example.com', 'Jane Doe'],
		// The name is what the sender likes to be taken for.
		[
			'"boss@acme.com <boss@acme.com>" <eve@example.com>',
			'eve@example.com',
			'boss@acme.com <boss@acme.com>',
		],
		['A <a@example.com>, B <b@example.com>', 'a@example.com', 'A'],
		['=?UTF-8?B?2KPZhdmE?= <amal@example.com>', 'amal@example.com', 'أمل'],
		['=?utf-8?Q?=D8=A3=D9=85=D9=84?= =?utf-8?Q?_?= <a@b.c>', 'a@b.c', 'أمل'],
	])('%s', (text, address, name) => {
		expect(addressOf(text)).toEqual(name === undefined ? { address } : { address, name });
	});

	it('as mailparser gives it', () => {
		const value = [{ address: 'Jane@Example.com', name: 'Jane Doe' }, { address: 'b@c.d' }];
		expect(addressOf({ value })).toEqual({ address: 'jane@example.com', name: 'Jane Doe' });
		expect(addressOf({ value: [{ address: 'a@b.c', name: '' }] })).toEqual({ address: 'a@b.c' });
	});

	it.each([
		undefined,
		null,
		'',
		'undisclosed-recipients:;',
		'Jane',
		'<>',
		'a b@c',
		5,
		{},
		{ value: [] },
	])('%j is none', (value) => expect(addressOf(value)).toBeUndefined());

	it('is not endless', () => {
		const backslashes = `"${'\\"'.repeat(200_000)}`;
		expect(addressOf(`${backslashes} <a@b.c>`)).toBeUndefined();
		expect(addressIn(`${'x'.repeat(400)}@example.com`)).toBeUndefined();
	});
});

describe('encoded words', () => {
	it.each([
		['plain', 'plain'],
		['=?UTF-8?B?2YXYsdit2KjYpyDwn5Gj?=', 'مرحبا 👣'],
		['Re: =?iso-8859-1?Q?Caf=E9_?= =?ISO-8859-1?Q?ol=E9?= !', 'Re: Café olé !'],
		['=?windows-1256?B?w+Ph?=', 'أمل'],
		['=?UTF-8*EN?Q?Hello?=', 'Hello'],
		// A letter of two bytes, one in each word.
		['=?utf-8?B?2A==?= =?UTF-8?B?o9mF?=\r\n =?utf-8?Q?=D9=84?= !', 'أمل !'],
		['=?no-such-charset?Q?Hello?=', '=?no-such-charset?Q?Hello?='],
		['=?UTF-8?X?Hello?=', '=?UTF-8?X?Hello?='],
	])('%s', (text, words) => expect(decodedWords(text)).toBe(words));
});

describe('the text of an HTML mail', () => {
	it.each([
		['<p>Hello</p>', 'Hello'],
		['<div>One</div><div>Two<br>Three</div>', 'One\nTwo\nThree'],
		['<p>One</p>\n\n<p>Two</p>', 'One\n\nTwo'],
		['Hello\n   world', 'Hello world'],
		['<p dir="rtl">مرحبا&nbsp;👋 <b>عندي</b> سؤال</p>', 'مرحبا 👋 عندي سؤال'],
		[
			'a &lt;b&gt; &amp;amp; &#1605;&#x1F44B; &euro; &nosuch; &#0;&#xD800;',
			'a <b> &amp; م👋 € &nosuch;',
		],
		['<style>p { color: red }</style><script>alert("<p>x</p>")</script>Hello', 'Hello'],
		['<head><title>No</title></head><body>Yes<!-- no <p> --> sir', 'Yes sir'],
		['1 < 2 and I <3 you', '1 < 2 and I <3 you'],
		['<ul><li>a</li><li>b</li></ul>', 'a\nb'],
		['<table><tr><td>a</td><td>b</td></tr></table>', 'a b'],
		['Hello <b', 'Hello'],
		['<!-- open', ''],
		['<style>never closed <p>Hello</p>', 'never closed\n\nHello'],
		['<!DOCTYPE html><?xml version="1.0"?></x>Hi', 'Hi'],
		['', ''],
	])('%s', (html, text) => expect(textOfHtml(html)).toBe(text));

	it('has no tags in it, and takes anything', () => {
		const piece = fc.oneof(
			fc.string(),
			fc.constantFrom(
				'<p>',
				'</p>',
				'<',
				'<!--',
				'-->',
				'<style>',
				'</style>',
				'&#',
				'&lt;',
				'\n',
				' ',
			),
		);
		fc.assert(
			fc.property(fc.array(piece), (pieces) => {
				const text = textOfHtml(pieces.join(''));
				expect(text).toBe(text.trim());
				expect(text).not.toContain('\n\n\n');
			}),
		);
	});

	it('is read in one go, however a stranger wrote it', () => {
		// Each of these is quadratic work for a pattern that looks ahead: minutes, not milliseconds.
		for (const bad of ['<style>', '<!--', '<', '< ', '<b> </b>', '&', '</', '<script']) {
			expect(typeof textOfHtml(bad.repeat(200_000))).toBe('string');
		}
	});
});
