import fc from 'fast-check';
import { normalizeText } from '../../nodes/decisions/text';
import { check, choices, outcome, PREFIX, written } from './asking';

const english = choices('Sales', ['Support', 'help', 'broken'], 'Sales support', '💰 Billing');
const ask = (...titles: Parameters<typeof choices>) =>
	({ kind: 'choice', choices: choices(...titles) }) as const;

describe('a choice', () => {
	test.each([
		['Sales', 1],
		['sales!', 1],
		['ＳＡＬＥＳ', 1],
		['2', 2],
		['٢', 2],
		['۲', 2],
		['२', 2],
		['２', 2],
		['②', 2],
		['2️⃣', 2],
		['2.', 2],
		['2)', 2],
		['(2)', 2],
		['#2', 2],
		['option 2', 2],
		['Number 2 please', 2],
		['رقم ٢', 2],
		['الخيار ٢ لو سمحت', 2],
		['2番', 2],
		['第2', 2],
		['2. Support', 2],
		['choice_2', 2],
		['HELP', 2],
		['my phone is broken', 2],
		['I want sales please', 1],
		['sales support', 3],
		['I need sales support now', 3],
		['billing', 4],
		['the 💰billing one', 4],
		['suport', 2],
		['I need suppotr', 2],
		['Biling', 4],
	])('%p is number %p', (text, number) => {
		expect(outcome({ kind: 'choice', choices: english }, text)).toBe(`choice_${number}`);
	});

	test.each([
		['5', 'is not one of the choices'],
		['0', 'is not one of the choices'],
		['1.5', 'is not one of the choices'],
		['-1', 'is not one of the choices'],
		['1/2', 'is not one of the choices'],
		['22', 'is not one of the choices'],
		['hello', 'is not one of the choices'],
		['?', 'is not one of the choices'],
		['support or billing', 'fits more than one of the choices'],
		['salesman', 'is not one of the choices'],
		['', 'has no text'],
		['\u200f', 'has no text'],
	])('%p %s', (text, why) => {
		expect(outcome({ kind: 'choice', choices: english }, text)).toBe(`(${why})`);
	});

	test.each([
		[ask('المبيعات', 'الدعم الفني', 'الفواتير'), 'مبيعات', 1],
		[ask('المبيعات', 'الدعم الفني', 'الفواتير'), 'عايز المبيعات لو سمحت', 1],
		[ask('المبيعات', 'الدعم الفني', 'الفواتير'), 'الدّعم الفنى', 2],
		[ask('المبيعات', 'الدعم الفني', 'الفواتير'), 'محتاج دعم للفواتير', 3],
		[ask('المبيعات', 'الدعم الفني', 'الفواتير'), 'المبيعت', 1],
		[ask('نعم', 'لا'), 'لا', 2],
		[ask('نعم', 'لا'), 'نعم، شكرا', 1],
		[ask('فروش', 'پشتیبانی'), 'پشتيباني', 2],
		[ask('فروخت', 'مدد'), 'مجھے مدد چاہیے', 2],
		[ask('מכירות', 'תמיכה'), 'תמיכה בבקשה', 2],
		[ask('Продажи', 'Поддержка', 'Счёт'), 'счет', 3],
		[ask('Продажи', 'Поддержка', 'Счёт'), 'поддержка пожалуйста', 2],
		[ask('Продажи', 'Поддержка', 'Счёт'), 'потдержка', 2],
		[ask('销售', '退款', '其他'), '我要退款', 2],
		[ask('注文', '返金', 'その他'), '返金をお願いします', 2],
		[ask('주문', '환불'), '환불이요', 2],
		[ask('बिक्री', 'सहायता'), 'मुझे सहायता चाहिए', 2],
		[ask('Ventas', 'Atención al cliente'), 'atencion al cliente', 2],
		[ask('Vendas', 'Cobrança'), 'cobranca por favor', 2],
		[ask('Penjualan', 'Bantuan'), 'saya perlu bantuan', 2],
		[ask('👍', '👎'), '👎🏽', 2],
		[ask('C', 'C++', 'C#'), 'c++', 2],
		[ask('2', '4', '6'), '2', 1],
		[ask('2', '4', '6'), '٤', 2],
		[ask('1 person', '2 people'), '2 people', 2],
		[ask('Now', 'Not now'), 'please not now', 2],
		[ask('Yes', 'No'), 'no, thanks', 2],
	])('of %j %p is number %p', (question, text, number) => {
		expect(outcome(question, text)).toBe(`choice_${number}`);
	});

	test.each([
		[ask('Plan A', 'Plan B'), 'plan c'],
		[ask('Sales', 'Other'), "I don't want sales"],
		[ask('المبيعات', 'أخرى'), 'مش المبيعات'],
		[ask('退款', '其他'), '我不要退款'],
		[ask('上午九点半', '晚上八点'), '下午九点半'],
		[ask('Model A1000', 'Other'), 'model a2000'],
		[ask('Yes', 'No'), 'yes or no'],
		[ask('Same', 'same'), 'same'],
		[ask('Orange', 'Oranges'), 'orangee'],
	])('of %j %p is none', (question, text) => {
		expect(check(question, text).valid).toBe(false);
	});

	test('a title that a channel cut still matches', () => {
		const question = ask('Change my delivery address', 'Change my delivery time', 'Cancel');
		expect(outcome(question, 'Change my delivery a')).toBe('choice_1');
		expect(outcome(question, 'Change my delivery t…')).toBe('choice_2');
		expect(outcome(question, 'Change my delivery…')).toBe('(fits more than one of the choices)');
		expect(outcome(question, 'Can')).toBe('(is not one of the choices)');
		expect(outcome(question, '…')).toBe('(is not one of the choices)');
	});

	test('a button decides, whatever its title', () => {
		const question = ask('Yes', 'No');
		const press = (choiceId: string, text: string) =>
			outcome(question, written(text, { type: 'button', choiceId }));
		expect(press(`${PREFIX}1`, 'Yes')).toBe('choice_2');
		expect(press(`${PREFIX}1`, '[button]')).toBe('choice_2');
		expect(press(`${PREFIX}7`, 'x')).toBe('(is not one of the choices)');
		expect(press(`${PREFIX}__proto__`, 'x')).toBe('(is not one of the choices)');
		expect(press('0193f1c2-7a1b-7c3d-8e4f-0000000000ff:1', 'No')).toBe(
			'(is a button of another question)',
		);
		// An app's own ID, such as that of an operator's keyboard, says nothing: its words do.
		expect(press('menu-7', 'No')).toBe('choice_2');
	});

	test('carries the choice itself', () => {
		expect(check(ask('Yes', 'No'), 'no')).toEqual({
			valid: true,
			value: 'choice_2',
			text: 'choice_2',
			choice: { value: 'choice_2', title: 'No', aliases: [] },
		});
	});

	test('its own button, number and title always give it', () => {
		const titles = fc.uniqueArray(
			fc
				.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
				.filter((title) => !/\d/.test(normalizeText(title)) && normalizeText(title) !== ''),
			{ minLength: 1, maxLength: 10, selector: normalizeText },
		);
		fc.assert(
			fc.property(titles, fc.nat(9), (list, at) => {
				const question = ask(...list);
				const index = at % list.length;
				const expected = `choice_${index + 1}`;
				const button = written('x', { type: 'button', choiceId: `${PREFIX}${index}` });
				expect(outcome(question, button)).toBe(expected);
				expect(outcome(question, String(index + 1))).toBe(expected);
				expect(outcome(question, list[index]!)).toBe(expected);
			}),
			{ numRuns: 500 },
		);
	});
});
