import { outcome, PREFIX, written } from './asking';

const five = { kind: 'rating', most: 5 } as const;

describe('a rating', () => {
	test.each([
		['4', 4],
		['٤', 4],
		['۴', 4],
		['४', 4],
		['４', 4],
		['4️⃣', 4],
		['④', 4],
		['⭐⭐⭐⭐', 4],
		['⭐️ ⭐️ ⭐️', 3],
		['★★★☆☆', 3],
		['5 ⭐', 5],
		['5 stars!', 5],
		['4/5', 4],
		['4 out of 5', 4],
		['٤ من ٥', 4],
		['4 из 5', 4],
		['I give it a 3', 3],
		['5点', 5],
		['4.0', 4],
	])('%p is %p', (text, value) => {
		expect(outcome(five, text)).toBe(value);
	});

	test.each([
		['6', 'is more than 5'],
		['0', 'is less than 1'],
		['4.5', 'is not a whole number'],
		['8/10', 'is not on a scale of 1 to 5'],
		['⭐⭐⭐⭐⭐⭐', 'is more than 5'],
		['great', 'has no number'],
		['☆☆☆', 'has no number'],
		['4-5', 'has more than one number'],
		['', 'has no text'],
	])('%p %s', (text, why) => {
		expect(outcome(five, text)).toBe(`(${why})`);
	});

	test('by button and on a longer scale', () => {
		const press = (index: number) =>
			outcome(five, written('x', { type: 'button', choiceId: `${PREFIX}${index}` }));
		expect(press(0)).toBe(1);
		expect(press(4)).toBe(5);
		expect(press(5)).toBe('(has no number)');
		expect(outcome({ kind: 'rating', most: 10 }, '🔟')).toBe(10);
		expect(outcome({ kind: 'rating', most: 10 }, '10/10')).toBe(10);
	});
});
