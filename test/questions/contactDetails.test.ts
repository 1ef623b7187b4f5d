import { outcome, written } from './asking';

describe('an email address', () => {
	test.each([
		['a@b.co', 'a@b.co'],
		['my mail is a@b.co thanks', 'a@b.co'],
		['Sara.Ali+shop@Example.COM.', 'Sara.Ali+shop@example.com'],
		['<a@b.co>', 'a@b.co'],
		['mailto:a@b.co', 'a@b.co'],
		['email:a@b.co,', 'a@b.co'],
		['"Sara" <a@b.co>;', 'a@b.co'],
		['*a@b.co*', 'a@b.co'],
		['a@b.co!!', 'a@b.co'],
		['a@b.co a@B.CO', 'a@b.co'],
		['ａ＠ｂ．ｃｏ', 'a@b.co'],
		['sara٢٠@b.co', 'sara20@b.co'],
		['\u200fa@b.co\u200f', 'a@b.co'],
		['ايميلي a@b.co، شكرا', 'a@b.co'],
		['ایمیل من a@b.ir است', 'a@b.ir'],
		['כתובת: a@b.co.il', 'a@b.co.il'],
		['моя почта a@b.ru.', 'a@b.ru'],
		['我的邮箱是a@b.co谢谢', 'a@b.co'],
		['メールはa@b.jpです', 'a@b.jp'],
		['मेरा ईमेल a@b.in है।', 'a@b.in'],
		['info@münchen.de', 'info@münchen.de'],
		['a@xn--mnchen-3ya.de', 'a@xn--mnchen-3ya.de'],
		['a_b-c@sub.b-c.example', 'a_b-c@sub.b-c.example'],
	])('%p has %p', (text, address) => {
		expect(outcome({ kind: 'email' }, text)).toBe(address);
	});

	test.each([
		['nothing', 'has no email address'],
		['@sara', 'has no email address'],
		['a@b', 'has no email address'],
		['a@@b.co', 'has no email address'],
		['a..b@c.co', 'has no email address'],
		['a.@c.co', 'has no email address'],
		['a@-b.co', 'has no email address'],
		['a@b..co', 'has no email address'],
		['a@1.2.3.4', 'has no email address'],
		['jürgen@b.de', 'has no email address'],
		['почтаa@b.ru', 'has no email address'],
		['a@b.co or c@d.co', 'has more than one email address'],
		[`${'a'.repeat(65)}@b.co`, 'has no email address'],
		[`a@${'b'.repeat(64)}.co`, 'has no email address'],
		['', 'has no text'],
	])('%p %s', (text, why) => {
		expect(outcome({ kind: 'email' }, text)).toBe(`(${why})`);
	});
});

describe('a phone number', () => {
	const egypt = { kind: 'phone', defaultCountry: 'EG' } as const;

	test.each([
		['01001234567', '+201001234567'],
		['010 0123 4567', '+201001234567'],
		['٠١٠٠١٢٣٤٥٦٧', '+201001234567'],
		['۰۱۰۰۱۲۳۴۵۶۷', '+201001234567'],
		['०१००१२३४५६७', '+201001234567'],
		['０１００１２３４５６７', '+201001234567'],
		['رقمي 01001234567 شكرا', '+201001234567'],
		['call me: +966 50 123 4567 (evenings)', '+966501234567'],
		['00966501234567', '+966501234567'],
		['我的电话是+8613812345678谢谢', '+8613812345678'],
		['tel:+201001234567', '+201001234567'],
		['order 123, phone 0100-123-4567', '+201001234567'],
		['01001234567 / +20 100 123 4567', '+201001234567'],
	])('%p has %p', (text, number) => {
		expect(outcome(egypt, text)).toBe(number);
	});

	test.each([
		['no', 'has no phone number'],
		['123', 'has no phone number'],
		['0199999999999', 'has a number that no phone has'],
		['01001234567 or 01112345678', 'has more than one phone number'],
		['', 'has no text and no contact card with a phone number'],
	])('%p %s', (text, why) => {
		expect(outcome(egypt, text)).toBe(`(${why})`);
	});

	test('without a country needs its code', () => {
		expect(outcome({ kind: 'phone' }, '01001234567')).toBe(
			'(has a phone number without a country code)',
		);
		expect(outcome({ kind: 'phone' }, '+20 100 123 4567')).toBe('+201001234567');
	});

	test.each([
		['WhatsApp', { phones: [{ phone: '+966 50 123 4567', wa_id: '966501234567' }] }],
		['Telegram', { phone_number: '966501234567', first_name: 'Sara' }],
		['Viber', { name: 'Sara', phone_number: '+966501234567' }],
		[
			'a vCard',
			{
				vcard:
					'BEGIN:VCARD\nVERSION:3.0\nFN:S\nitem1.TEL;waid=966501234567:+966 50 123 4567\nEND:VCARD',
			},
		],
	])('out of a contact card of %s', (_, details) => {
		const reply = written('Sara', {
			type: 'contacts',
			attachments: [{ type: 'contact', details }],
		});
		expect(outcome(egypt, reply)).toBe('+966501234567');
	});

	test('a card without a number', () => {
		const attachments = [{ type: 'contact', details: { phones: [null, 5, {}], vcard: 7 } }];
		expect(outcome(egypt, written('[contacts]', { type: 'contacts', attachments }))).toBe(
			'(has no text and no contact card with a phone number)',
		);
	});
});
