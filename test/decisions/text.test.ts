import fc from 'fast-check';
import { findMention, mentions, normalizeText } from '../../nodes/decisions/text';

describe('normalizeText', () => {
	test.each([
		['case and accents', 'CAFÉ Ünïcode', 'cafe unicode'],
		['letters without decomposition', 'Straße Łódź smørrebrød', 'strasse lodz smorrebrod'],
		['Turkish', 'FATURASI İPTAL ılık', 'faturasi iptal ilik'],
		['Greek', 'ΛΟΓΑΡΙΑΣΜΌΣ', 'λογαριασμοσ'],
		['Cyrillic', 'Ещё МОЙ її', 'еще мой її'],
		['Vietnamese', 'Đặt hàng', 'dat hang'],
		['alef forms', 'أحمد إلى آخر ٱلبيت', 'احمد الي اخر البيت'],
		['ta marbuta, alef maqsura', 'فاتورة شكوى', 'فاتوره شكوي'],
		['hamza seats', 'مسؤول رئيس', 'مسوول رييس'],
		['Persian and Urdu letters', 'کتاب یک ہے', 'كتاب يك هے'],
		['diacritics and tatweel', 'فَاتُورَةٌ كـــتاب', 'فاتوره كتاب'],
		['presentation forms', 'ﻓﺎﺗﻮرة ﻻ', 'فاتوره لا'],
		['digits', '٠١٢ ۷۸۹ ०१ ๕ １２', '012 789 01 5 12'],
		['full width, half-width kana', 'ＡＢＣ　ｶﾞ', 'abc ガ'],
		['zero-width and bidi marks', '\u200fre\u200bfund\u2066\ufeff می‌خواهم', 'refund ميخواهم'],
		['white space', '\t a\u00a0b \u3000c\r\n', 'a b c'],
		['Hebrew points', 'חֶשְׁבּוֹן', 'חשבון'],
		['Hindi keeps its vowels', 'की कु', 'की कु'],
		['kana keeps its sound marks', 'がか', 'がか'],
		['Korean', '환불', '환불'],
		['emoji', '👍🏽 ❤️ 1️⃣', '👍 ❤ 1'],
		['quotes and dashes', 'don’t e–mail', "don't e-mail"],
	])('%s', (_, text, expected) => {
		expect(normalizeText(text)).toBe(expected);
	});

	test('is idempotent for every character of Unicode', () => {
		const failed: string[] = [];
		for (let start = 0; start <= 0x10ffff; start += 0x100) {
			const block = Array.from(
				{ length: 0x100 },
				(_, at) => `x${String.fromCodePoint(start + at)}y`,
			);
			const once = normalizeText(block.join(' '));
			if (normalizeText(once) !== once) failed.push(start.toString(16));
		}
		expect(failed).toEqual([]);
	});

	test('is idempotent for any text', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (text) => {
				const once = normalizeText(text);
				expect(normalizeText(once)).toBe(once);
			}),
			{ numRuns: 2000 },
		);
	});

	test('takes half of a surrogate pair', () => {
		expect(() => mentions('\ud83d invoice', '\ud83d')).not.toThrow();
	});
});

describe('mentions', () => {
	test.each([
		['My INVOICE?', 'invoice'],
		['invoice', ' Invoice '],
		['the invoice’s total', 'invoice'],
		['_invoice_ *invoice*', 'invoice'],
		['my credit\n card', 'credit card'],
		['C++ (really)', 'c++'],
		['order #12', '#12'],
		['l’abonnement', 'abonnement'],
		['Rechnung für Müller', 'MULLER'],
		['Привет, где мой счёт?', 'счет'],
		['والفاتورة', 'فاتورة'],
		['أريد الفاتورة', 'فاتورة'],
		['بالفاتوره', 'فاتورة'],
		['للفاتورة', 'فاتورة'],
		['وللفاتورة', 'فاتورة'],
		['لفاتورتي وفاتورة', 'فاتورة'],
		['كالفاتورة فالفاتورة', 'فاتورة'],
		['للفاتورة', 'الفاتورة'],
		['وبالفاتورة', 'الفاتورة'],
		['اتصل بخدمة العملاء', 'خدمة عملاء'],
		['خدمة العملاء', 'خدمة العملاء'],
		['لدي شكوي.', 'شكوى'],
		['رقم الطلب ١٢٣', '123'],
		['فاتورة، من فضلك', 'فاتورة'],
		['پول من کو؟', 'پول'],
		['میخواهم', 'می‌خواهم'],
		['我要退款了', '退款'],
		['返金をお願いします', '返金'],
		['サーバーが落ちた', 'サーバー'],
		['ขอคืนเงินครับ', 'คืนเงิน'],
		['ຂໍເງິນຄືນ', 'ເງິນ'],
		['សូមវិក្កយបត្រ', 'វិក្កយបត្រ'],
		['我是vip客户', 'VIP'],
		['ｖｉｐ会員', 'vip'],
		['환불을 원해요', '환불'],
		['invoice를 주세요', 'invoice'],
		['मुझे बिल चाहिए', 'बिल'],
		['חשבונית בבקשה', 'חשבונית'],
		['thanks👍🏽', '👍'],
		['❤️', '❤'],
		['🇪🇬🇸🇦', '🇸🇦'],
		['1️⃣', '1'],
		['invoices, invoice', 'invoice'],
		['🇦🇪🇬🇧🇪🇬', '🇪🇬'],
	])('%p mentions %p', (text, keyword) => {
		expect(mentions(text, keyword)).toBe(true);
	});

	test.each([
		['invoices', 'invoice'],
		['voice', 'invoice'],
		['my creditcard', 'credit card'],
		['credit cards', 'credit card'],
		['15', '5'],
		['anything', ''],
		['anything', ' \u200b '],
		['', 'x'],
		['سفاتورة', 'فاتورة'],
		['فاتورتان', 'فاتورة'],
		['بيت', 'يت'.repeat(2)],
		['مالفاتورة', 'فاتورة'],
		['انه', 'الله'],
		['فاتورة', 'الفاتورة'],
		['전액환불', '환불'],
		['बिलकुल', 'बिल'],
		['की', 'क'],
		['กิน', 'ก'],
		['🇦🇪🇬🇧', '🇪🇬'],
		['𐐨𐐨𐐨', '𐐨'],
		['axb', 'a.b'],
	])('%p does not mention %p', (text, keyword) => {
		expect(mentions(text, keyword)).toBe(false);
	});

	test('gives the first keyword as it was written', () => {
		expect(findMention('a REFUND for my bill', ['invoice', 'Bill', 'refund'])).toBe('Bill');
		expect(findMention('hello', ['invoice', ''])).toBeNull();
		expect(findMention('hello', [])).toBeNull();
	});

	test('never throws, and a text mentions itself between spaces', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (a, b) => {
				mentions(b, a);
				expect(mentions(`x ${a} y`, a)).toBe(normalizeText(a) !== '');
			}),
			{ numRuns: 1000 },
		);
	});
});
