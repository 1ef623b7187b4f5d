import fc from 'fast-check';
import { detectLanguage } from '../../nodes/enrichment/language';

/** Messages as customers write them: short, without accents, with typing habits of phones. */
const MESSAGES: Record<string, string[]> = {
	en: [
		'Hello',
		'thanks!',
		'where is my order?',
		'I never received my package',
		'can someone call me back',
		'is the red one available in size M',
		'good morning 😊',
	],
	ar: [
		'مرحبا',
		'السلام عليكم',
		'وين طلبي؟',
		'أريد استرداد المبلغ',
		'شُكْراً جزيلاً',
		'عايز اكلم حد من خدمه العملاء',
		'كم سعر التوصيل للرياض',
		'ابي الغي الطلب',
		'الموقع مو شغال عندي',
		'marhaba, feen el talab',
	],
	fa: [
		'ممنون',
		'سفارش من کجاست؟',
		'پولم را می‌خواهم',
		'خسته نباشید',
		'قیمت این چنده',
		'هنوز به دستم نرسیده',
		'درود، وقت بخیر',
	],
	ur: ['شکریہ', 'میرا آرڈر کہاں ہے؟', 'مجھے رقم واپس چاہیے', 'کیا حال ہے', 'السلام علیکم جناب'],
	he: ['שלום', 'איפה ההזמנה שלי?', 'תודה רבה', 'אני צריך חשבונית'],
	ru: [
		'привет',
		'где мой заказ?',
		'я хочу вернуть деньги',
		'здравствуйте',
		'счет неправильный',
		'не могу войти в аккаунт',
		'СПАСИБО',
	],
	uk: [
		'привіт',
		'де моє замовлення?',
		'добрий день',
		'рахунок неправильний',
		'дякую',
		'не можу увійти в акаунт',
	],
	bg: ['здравейте', 'къде е поръчката ми?', 'искам си парите обратно'],
	zh: ['你好', '我的订单在哪里?', '我要退款', '發票錯了', 'iPhone 15 Pro Max 多少钱'],
	ja: ['こんにちは', '注文はどこですか?', '請求書', '返金お願いします', 'ﾊﾛｰ', '領収書発行'],
	ko: ['안녕하세요', '환불해 주세요', '주문이 아직 안 왔어요'],
	hi: ['नमस्ते', 'मेरा ऑर्डर कहाँ है?', 'मुझे पैसे वापस चाहिए', 'धन्यवाद', 'कितने का है'],
	mr: ['माझी ऑर्डर कुठे आहे?', 'मला पैसे परत हवे आहेत'],
	es: [
		'hola',
		'buenas tardes',
		'donde esta mi pedido',
		'¿Tienen envío a México?',
		'gracias',
		'no me ha llegado el paquete',
		'quisiera cambiar la dirección de entrega',
	],
	pt: [
		'Olá',
		'bom dia',
		'onde está o meu pedido?',
		'quero cancelar minha compra',
		'obrigada',
		'não recebi o pacote ainda',
		'vcs entregam em Lisboa? queria saber o preço',
	],
	fr: [
		'bonjour',
		'merci beaucoup',
		'où est ma commande ?',
		'je n’ai pas reçu mon colis',
		'vous livrez en Belgique ?',
		'svp aidez moi',
	],
	de: [
		'guten Tag',
		'danke schön',
		'wo ist meine Bestellung?',
		'Das Paket ist nicht angekommen',
		'ich möchte stornieren',
		'Können Sie mir bitte helfen',
	],
	it: [
		'ciao',
		'buongiorno',
		'dove si trova il mio ordine?',
		'vorrei un rimborso',
		'non ho ricevuto il pacco',
		'spedite anche in Svizzera?',
	],
	tr: [
		'merhaba',
		'siparişim nerede',
		'para iadesi istiyorum',
		'iyi günler',
		'kargo ne zaman gelir',
		'ürün bozuk çıktı',
	],
	nl: [
		'goedemorgen',
		'waar is mijn bestelling?',
		'ik wil mijn geld terug',
		'het pakket is niet aangekomen',
		'bedankt',
	],
	pl: [
		'cześć',
		'dzien dobry',
		'gdzie jest moje zamówienie?',
		'chcę zwrot pieniędzy',
		'paczka jeszcze nie dotarła',
		'dziękuję',
	],
	id: [
		'selamat siang',
		'terima kasih',
		'pesanan saya belum sampai',
		'saya mau refund',
		'berapa harga ongkirnya',
		'barang yang saya terima rusak',
	],
	vi: ['xin chào', 'đơn hàng của tôi ở đâu?', 'tôi muốn hoàn tiền', 'cảm ơn shop'],
	ro: ['bună ziua', 'vreau banii înapoi', 'unde este comanda mea?'],
	cs: ['dobrý den', 'kde je moje objednávka?', 'děkuji'],
	sv: ['var är min beställning?', 'jag vill ha pengarna tillbaka', 'tack'],
	fi: ['kiitos', 'missä tilaukseni on?'],
	hu: ['jó napot', 'hol van a rendelésem?', 'köszönöm'],
	el: ['καλημέρα', 'πού είναι η παραγγελία μου;'],
	th: ['สวัสดีครับ', 'ของยังไม่มาเลย'],
	ka: ['გამარჯობა'],
	hy: ['բարև ձեզ'],
	ta: ['வணக்கம்'],
	bn: ['আমার অর্ডার কোথায়?'],
	am: ['ሰላም'],
};

const TABLE = Object.entries(MESSAGES).flatMap(([language, texts]) =>
	texts.map((text) => [text, language] as const),
);

describe('detectLanguage', () => {
	test.each(TABLE)('%p is %s', (text, language) => {
		expect(detectLanguage(text)?.language).toBe(language);
	});

	test.each([
		['hallo', ['de', 'nl']],
		['salut', ['fr', 'ro']],
		['hej', ['sv', 'da', 'pl']],
		['no', ['es', 'it', 'en']],
		['سلام', ['ar', 'fa']],
		['नमस्कार', ['hi', 'mr']],
	])('%p may be several: one of them, with little confidence', (text, languages) => {
		const detected = detectLanguage(text);
		expect(languages).toContain(detected?.language);
		expect(detected?.confidence).toBeLessThan(0.5);
	});

	test.each([
		'',
		' \n ',
		'12345',
		'١٢٣',
		'👍🏽🔥',
		'🇪🇬',
		'?!…',
		'https://example.com/es/hola?q=gracias',
		'www.example.com/hola',
		'example.com',
		'sara@example.com',
		'@hola #gracias',
		'INV-2024-001 A12',
		'Mohamed',
		'Sara Ahmed',
		'ok 👍',
		'asdfgh',
		'x',
	])('%p tells nothing', (text) => {
		expect(detectLanguage(text)).toBeNull();
	});

	test.each([
		['สวัสดีครับ', 'script'],
		['میرا آرڈر ٹوٹا', 'letters'],
		['merci', 'words'],
		['lampa sufitowa przyszła uszkodzona', 'statistics'],
	])('%p is told by %s', (text, method) => {
		expect(detectLanguage(text)?.method).toBe(method);
	});

	test('names of products do not hide the language', () => {
		expect(detectLanguage('سعر iPhone 15 Pro Max')?.language).toBe('ar');
		expect(detectLanguage('Samsung Galaxy の在庫はありますか')?.language).toBe('ja');
		expect(detectLanguage('can you send me the price of سيارة please')?.language).toBe('en');
	});

	test('links and addresses do not count', () => {
		expect(detectLanguage('bonjour https://example.com/where-is-my-order-please')?.language).toBe(
			'fr',
		);
	});

	test('a full stop without a space is no link', () => {
		expect(detectLanguage('hola.me gustaría cambiar el pedido')?.language).toBe('es');
		expect(detectLanguage('shop.example/where-is-my-order')).toBeNull();
	});

	test('a sentence is surer than a word', () => {
		const word = detectLanguage('محمد')?.confidence ?? 1;
		const sentence = detectLanguage('أريد استرداد المبلغ من فضلك')?.confidence ?? 0;
		expect(word).toBeLessThanOrEqual(0.5);
		expect(sentence).toBeGreaterThan(0.8);
	});

	test('takes any text, with an answer that is always the same and a confidence of 0 to 1', () => {
		const known = fc.array(fc.constantFrom(...TABLE.map(([text]) => text)), { maxLength: 3 });
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), known, (text, messages) => {
				const mixed = [text, ...messages].join(' ');
				const detected = detectLanguage(mixed);
				expect(detectLanguage(mixed)).toEqual(detected);
				if (!detected) return;
				expect(detected.language).toMatch(/^[a-z]{2,3}$/u);
				expect(detected.confidence).toBeGreaterThanOrEqual(0);
				expect(detected.confidence).toBeLessThanOrEqual(1);
			}),
			{ numRuns: 500 },
		);
	});

	test('takes very long text', () => {
		expect(detectLanguage('где мой заказ '.repeat(10_000))?.language).toBe('ru');
	});
});
