import fc from 'fast-check';
import { findMention, mentions, normalizeText } from '../../nodes/decisions/text';

type Row = [text: string, keyword: string];

const rows = (isFound: boolean, about: string, ...examples: Row[]) =>
	examples.map(([text, keyword]) => [about, text, isFound, keyword] as const);
const found = (about: string, ...examples: Row[]) => rows(true, about, ...examples);
const missed = (about: string, ...examples: Row[]) => rows(false, about, ...examples);

describe('keywords', () => {
	test.each([
		...found(
			'Arabic, with and without diacritics',
			['أُرِيدُ فَاتُورَةً', 'فاتورة'],
			['اريد فاتورة', 'فَاتُورَة'],
			['الشَّحْن', 'شحن'],
			['فـــاتـــورة', 'فاتورة'],
			['ﻓﺎﺗﻮﺭﺓ', 'فاتورة'],
			['ﻻ أريد', 'لا'],
		),
		...found(
			'alef, hamza, ya and ta marbuta',
			['إلغاء', 'الغاء'],
			['الغاء الطلب', 'إلغاء'],
			['أسترجاع', 'استرجاع'],
			['آسف', 'اسف'],
			['مسؤول', 'مسوول'],
			['شكوى', 'شكوي'],
			['شكوي', 'شكوى'],
			['علي الحساب', 'على'],
			['الفاتوره', 'فاتورة'],
			['مؤسسة', 'موسسه'],
		),
		...missed('Arabic words that only begin alike', ['فاتورتي', 'فاتورة'], ['شيء', 'شي']),
		...found(
			'Persian and Urdu letters',
			['كيف', 'کیف'],
			['يك کتاب', 'یک'],
			['بازپرداخت می‌خواهم', 'میخواهم'],
			['پيگيري سفارش', 'پیگیری'],
			['رقم كى واپسی', 'رقم کی واپسی'],
		),
		...found(
			'digits',
			['٢٤', '24'],
			['۲۴ ساعت', '٢٤'],
			['24/7', '۲۴'],
			['２４時間', '24'],
			['कमरा २४', '24'],
		),
		...missed('digits', ['245', '24'], ['١٢٤', '24']),
		...found(
			'full and half width',
			['ＶＩＰ会員', 'vip'],
			['vip', 'ＶＩＰ'],
			['ｷｬﾝｾﾙしたい', 'キャンセル'],
			['ガス', 'ｶﾞｽ'],
		),
		...found(
			'Chinese, Japanese and Thai, anywhere in a run',
			['我要退款谢谢', '退款'],
			['请问怎么退货？', '退货'],
			['想問退貨', '退貨'],
			['注文をキャンセルしたい', 'キャンセル'],
			['ขอใบเสร็จด้วย', 'ใบเสร็จ'],
			['ยกเลิกคำสั่งซื้อ', 'ยกเลิก'],
		),
		...missed(
			'other characters for the same word',
			['退貨', '退货'],
			['きゃんせる', 'キャンセル'],
			['サーバ', 'サーバー'],
		),
		...found('Korean', ['환불을 원해요', '환불'], ['배송이 늦어요', '배송'], ['VIP는', 'vip']),
		...missed('Korean', ['전액환불', '환불']),
		...found(
			'Hindi',
			['फ़ोन खराब है', 'फोन'],
			['फोन', 'फ़ोन'],
			['हाँ', 'हां'],
			['हिन्दी में', 'हिंदी'],
			['संपर्क', 'सम्पर्क'],
		),
		...missed('Hindi letters that differ', ['पढ़ना', 'पढना'], ['बिलकुल', 'बिल']),
		...found(
			'Turkish',
			['IPTAL', 'iptal'],
			['İPTAL', 'iptal'],
			['ıptal', 'İptal'],
			['siparişim nerede', 'SİPARİŞİM'],
		),
		...found('emoji', ['so😡😡', '😡'], ['👍🏿', '👍'], ['🇸🇦🇪🇬', '🇪🇬']),
		...missed('emoji', ['🇦🇪🇬🇧', '🇪🇬']),
		...found(
			'German, typed without umlauts',
			['Ich will eine Rueckgabe', 'Rückgabe'],
			['Ich will eine Rückgabe', 'Rueckgabe'],
			['Ruckgabe', 'Rückgabe'],
			['Grüße aus Koeln', 'Köln'],
			['Rueckgabe über Köln', 'rückgabe ueber koeln'],
			['STRASSE', 'Straße'],
			['Aalborg', 'Ålborg'],
			['smørrebrød', 'smoerrebroed'],
		),
		...missed(
			'two letters that are no umlaut',
			['für mich', 'Feuer'],
			['Stur', 'Steuer'],
			['nue', 'neü'],
			['zuruck', 'zurueck'],
		),
		...found(
			'German compounds, open',
			['Meine Rechnungsadresse', 'rechnung*'],
			['Meine Rechnung!', 'rechnung*'],
			['Die Monatsrechnung fehlt', '*rechnung'],
			['Die Rechnung fehlt', '*rechnung'],
			['Monatsrechnungsbetrag', '*rechnung*'],
			['Rücksendeetikett', 'ruecksende*'],
			['die Rueckgabefrist', 'Rückgabe*'],
		),
		...missed(
			'German compounds, closed',
			['Rechnungsadresse', 'Rechnung'],
			['Monatsrechnung', 'Rechnung'],
			['Monatsrechnung', 'rechnung*'],
			['Rechnungsadresse', '*rechnung'],
			['Rechnen', 'rechnung*'],
		),
		...found(
			'endings in other languages',
			['нет фактуры', 'фактур*'],
			['оплатил фактуру', 'фактур*'],
			['эту накладную', '*кладн*'],
			['وفاتورتي لو سمحت', 'فاتور*'],
			['الفواتير والفاتورة', 'فاتور*'],
			['لم أستلم شحنتي', 'شحن*'],
			['חשבוניות', 'חשבוני*'],
			['faturamı', 'fatura*'],
			['facturación', 'factur*'],
			['बिलकुल', 'बिल*'],
			['전액환불', '*환불'],
			['我要退款', '退款*'],
			['refunds', 'REFUND＊'],
		),
		...missed('endings in other languages', ['манифактура', 'фактур*'], ['سفاتورة', 'فاتور*']),
		...found(
			'open words in a phrase',
			['credit cards', 'credit card*'],
			['my credits card', 'credit* card'],
			['Kreditkarten kündigen', 'kredit* kündigen'],
			['neue Monatsrechnung bitte', 'neue *rechnung bitte'],
			['neue Monatsrechnungen bitte', 'neue *rechnung* bitte'],
			['neue E-Mails bitte', 'neue e-mail* bitte'],
			['reply credit* card', 'credit* card'],
			['رقم الفاتورة', 'رقم فاتور*'],
		),
		...missed(
			'open words in a phrase',
			['credit my card', 'credit* card'],
			['kredit-karte kündigen', 'kredit* kündigen'],
			['neue Rechnen bitte', 'neue *rechnung* bitte'],
		),
		...found(
			'asterisks that are only asterisks',
			['a 5* hotel', '5*'],
			['press * now', '*'],
			['M*A*S*H', 'm*a*s*h'],
			['C++* yes', 'c++*'],
			['*invoice*', 'invoice'],
		),
		...missed('asterisks that are only asterisks', ['500', '5*'], ['hello', '*'], ['x', '**']),
	])('%s: %p %p %p', (_, text, isFound, keyword) => {
		expect(mentions(text, keyword)).toBe(isFound);
	});

	test.each([
		['My VIP card', 'VIP', true],
		['my vip card', 'VIP', false],
		['café', 'café', true],
		['cafe\u0301', 'caf\u00e9', true],
		['cafe', 'café', false],
		['فاتوره', 'فاتورة', false],
		['فاتورة', 'فاتورة', true],
		['والفاتورة', 'فاتورة', true],
		['فَاتورة', 'فاتورة', false],
		['٢٤', '24', false],
		['Rueckgabe', 'Rückgabe', false],
		['VIPs', 'VIP*', true],
		['vips', 'VIP*', false],
		['VIPs', 'VIP', false],
		['VIP는', 'VIP', true],
		['我是VIP客户', 'VIP', true],
		['\u200fVIP\u200f  card', 'VIP card', true],
		['anything', ' ', false],
	])('exact: %p, %p, %p', (text, keyword, isFound) => {
		expect(mentions(text, keyword, { exact: true })).toBe(isFound);
		expect(findMention(text, ['nothing', keyword], { exact: true })).toBe(isFound ? keyword : null);
	});

	const SCRIPTS = 'Latin Cyrillic Greek Arabic Hebrew Devanagari Thai Han Hiragana Katakana Hangul';
	const PARTS =
		'aeoüßæøåİıйёσςأإآةىیکڪہپچءُّـלאםןक़फ़ँंन्म्दपิกำ退款カｶﾞっハ환불ᄒ👍🏽🇪🇬*٢۲２-.,\u200c\u200f '.match(
			/./gsu,
		)!;
	const someText = fc.oneof(
		fc.string({ unit: 'grapheme', maxLength: 30 }),
		fc.string({ unit: fc.constantFrom(...PARTS), maxLength: 30 }),
	);

	test('a keyword is found in itself between spaces', () => {
		fc.assert(
			fc.property(someText, (keyword) => {
				const isSomething = normalizeText(keyword) !== '';
				expect(mentions(`x ${keyword} y`, keyword)).toBe(isSomething);
				if (isSomething) expect(mentions(`x ${keyword} y`, keyword, { exact: true })).toBe(true);
			}),
			{ numRuns: 1500 },
		);
	});

	test('a word is found in itself with anything on its open side, in every script', () => {
		const words = SCRIPTS.split(' ').map((script) => {
			const letter = new RegExp(`^(?=\\p{Letter})\\p{Script=${script}}$`, 'u');
			const letters = Array.from({ length: 0xd7ff }, (_, code) => String.fromCharCode(code)).filter(
				(character) => letter.test(character) && /^[\p{L}\p{M}]+$/u.test(normalizeText(character)),
			);
			return fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 12 });
		});
		fc.assert(
			fc.property(fc.oneof(...words), fc.oneof(...words), (word, rest) => {
				// A composed letter at the seam may be another letter.
				fc.pre(normalizeText(word + rest) === normalizeText(word) + normalizeText(rest));
				expect(mentions(`x ${word}${rest} y`, `${word}*`)).toBe(true);
				expect(mentions(`x ${word}${rest} y`, `*${rest}`)).toBe(true);
				expect(mentions(`x ${word}${rest}${word} y`, `*${rest}*`)).toBe(true);
			}),
			{ numRuns: 1000 },
		);
	});

	test('what is found exactly is found at all', () => {
		const words =
			'VIP vip café cafe فاتورة والفاتورة فاتوره ٢٤ 24 退款 返金 हाँ хай хаи Köln Koeln 환불 환불을 👍🏽';
		const word = fc.constantFrom(...words.split(' '));
		const isFoundIn = (text: string[], keyword: string, exact: boolean) =>
			mentions(text.join(' '), keyword, { exact });
		fc.assert(
			fc.property(fc.array(word), word, fc.constantFrom('', '*'), (text, keyword, star) => {
				expect(isFoundIn([...text, keyword], keyword, true)).toBe(true);
				if (isFoundIn(text, keyword + star, true)) {
					expect(isFoundIn(text, keyword + star, false)).toBe(true);
				}
			}),
		);
	});

	test('comparable text stays as it is', () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom(...PARTS), maxLength: 30 }), (text) => {
				const once = normalizeText(text);
				expect(normalizeText(once)).toBe(once);
			}),
			{ numRuns: 2000 },
		);
	});

	/** Patterns that try all ways, or look back to the start each time, would take hours. */
	test.each([
		['a', 'aa'],
		['kredit', 'kredit* karte'],
		['a', '*a* b'],
		['b', 'x *b* *b* *b* *b* y'],
		['x bbbbbbbbbb bbbbbbbbbb bbbbbbbbbb bbbbbbbbbb bbbbbbbbbb z ', 'x *b* *b* *b* *b* *b* y'],
		['ا', 'ا'],
		['ال', 'الا* الا'],
		['🇪', '🇪🇪 x'],
		['🇪🇬', '🇬🇪'],
		['ü', 'ue'],
		['\u064b', 'ا'],
		['退', '退退*'],
		['* ', 'a* *'],
	])('a long row of %p without %p comes to an end', (part, keyword) => {
		const text = part.repeat(Math.floor(200_000 / part.length));
		expect(typeof mentions(text, keyword)).toBe('boolean');
	});
});
