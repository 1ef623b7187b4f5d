import { findMention, normalizeText } from '../decisions/text';
import { DateTime, IANAZone } from '../vendor';
import type { Checked, DateOrder, Invalid, Question } from './contracts';
import { refused } from './contracts';
import { isNegated } from './negation';
import { DAYS, MONTHS, monthWord } from './dateWords';

type DateQuestion = Extract<Question, { kind: 'date' }>;

/** Outside of these a year is of another calendar (1447, 1404, 2569) or a typing mistake. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 2199;

/** A year of two digits lies at most so many years ahead: in 2026, 46 is 2046 and 47 is 1947. */
const YEARS_AHEAD = 20;

/** "today" in a longer text is not what the text is about. */
const MOST_WORDS_AROUND = 4;

/** The longest first: "day after tomorrow" mentions "tomorrow" too. */
const DAY_WORDS = Object.keys(DAYS).sort((a, b) => b.length - a.length);

/** A clock beside a date, or behind it as in ISO 8601; its fractions and zone as well. */
const CLOCK = /[t ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:\d{2})?(?: ?[ap]\.?m\b)?/gu;

interface DateParts {
	/** Absent where the contact named none. */
	year?: number;
	month: number;
	day: number;
}

/**
 * One date of the Gregorian calendar, as `2026-12-25`: in numbers in the question's order (a year
 * of four digits may always come first), with the month's name, or as today, tomorrow and the like.
 *
 * A date without a year is the next such day, or the last one where only that is allowed.
 * Weekdays ("next Friday") and other calendars are not read.
 */
export function checkDate(question: DateQuestion, written: string, now: number): Checked<string> {
	const zone = IANAZone.isValidZone(question.timeZone) ? question.timeZone : 'utc';
	const today = DateTime.fromMillis(now, { zone });
	const text = normalizeText(written);
	const offset = dayWordIn(text);
	if (offset !== undefined) return inRange(question, [isoOf(today.plus({ days: offset }))], today);
	const parts = partsIn(text, question.order, today.year);
	if ('why' in parts) return parts;
	const { year } = parts;
	const years = year === undefined ? yearsFor(parts, today) : [year];
	if (year !== undefined && (year < FIRST_YEAR || year > LAST_YEAR)) {
		return refused('has a year that is far off, or of another calendar');
	}
	const dates = years.flatMap((one) => dateOf({ ...parts, year: one }) ?? []);
	return dates.length > 0
		? inRange(question, dates, today)
		: refused('is a date that no calendar has');
}

const isoOf = (date: DateTime) => date.toFormat('yyyy-MM-dd');

function dayWordIn(text: string): number | undefined {
	if (/\d/.test(text) || text.split(' ').length > MOST_WORDS_AROUND) return undefined;
	const word = findMention(text, DAY_WORDS);
	return word === null || isNegated(text) ? undefined : DAYS[word];
}

/** The first of the dates that the question allows. */
function inRange({ earliest, latest }: DateQuestion, dates: string[], today: DateTime) {
	const dayOf = (limit: string) => (limit === 'today' ? isoOf(today) : limit);
	const checked = dates.map((date): Checked<string> => {
		if (earliest && date < dayOf(earliest)) return refused(`is before ${earliest}`);
		if (latest && date > dayOf(latest)) return refused(`is after ${latest}`);
		return { valid: true, value: date, text: date };
	});
	return checked.find(({ valid }) => valid) ?? checked[0]!;
}

/** The next such day first, then the last one. 29 February may be years away. */
function yearsFor({ month, day }: DateParts, today: DateTime): number[] {
	const isAhead = month > today.month || (month === today.month && day >= today.day);
	const next = isAhead ? today.year : today.year + 1;
	const isLeapDay = month === 2 && day === 29;
	return isLeapDay ? [...around(next, 1), ...around(next - 1, -1)] : [next, next - 1];
}

const around = (year: number, step: number) =>
	Array.from({ length: 8 }, (_, years) => year + years * step);

function dateOf({ year, month, day }: Required<DateParts>): string | undefined {
	const date = DateTime.utc(year, month, day);
	return date.isValid ? isoOf(date) : undefined;
}

function partsIn(normalized: string, order: DateOrder, thisYear: number): DateParts | Invalid {
	const text = eastAsian(normalized.replace(CLOCK, ' ')).replace(/[؍⁄]/gu, '/');
	const numbers = text.match(/(?<!MONTH\d?)\d+/g) ?? [];
	const names = monthsIn(text);
	const months = [...new Set(names.map(({ month }) => month))];
	if (numbers.some((number) => number.length > 8)) return refused('is not a date');
	if (numbers.length === 3) return inNumbers(text, order, thisYear);
	if (numbers.length === 1 && /^\d{8}$/.test(numbers[0]!) && months.length === 0) {
		return inOneNumber(numbers[0]!, order, thisYear);
	}
	const [month, another] = months;
	if (another !== undefined) return refused('names more than one month');
	if (month === undefined)
		return numbers.length === 2 ? withoutYear(text, order) : refused('is not a date');
	const { index } = names[0]!;
	const isBetween = /\d/.test(text.slice(0, index)) && /\d/.test(text.slice(index + MARK.length));
	return byName(month, numbers, { order, thisYear, isBetween });
}

/** Stands for the name of a month that was written as its number. Normalised text has no capitals. */
const MARK = 'MONTH';

/** 2026年12月25日 and 2026년 12월 25일 say which number is which. */
const eastAsian = (text: string) =>
	text
		.replace(/(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日号號일]/gu, ' $1-$2-$3 ')
		.replace(/(?<!\d)(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日号號일]/gu, ` $2 ${MARK}$1 `);

const WORD = /MONTH\d{1,2}|[\p{L}\p{M}'׳॰]+/gu;

function monthsIn(text: string): Array<{ month: number; index: number }> {
	const words = [...text.matchAll(WORD)];
	return words.flatMap(({ 0: word, index }, at) => {
		const next = words[at + 1]?.[0];
		const month = (next === undefined ? undefined : MONTHS.get(`${word} ${next}`)) ?? monthOf(word);
		return month === undefined ? [] : { month, index };
	});
}

const monthOf = (word: string) =>
	word.startsWith(MARK) ? Number(word.slice(MARK.length)) : MONTHS.get(monthWord(word));

const SEPARATOR = ' ?[/.,-] ?| ';
const IN_NUMBERS = new RegExp(`(\\d+)(?:${SEPARATOR})(\\d+)(?:${SEPARATOR})(\\d+)`);

function inNumbers(text: string, order: DateOrder, thisYear: number): DateParts | Invalid {
	const [, first, second, third] = IN_NUMBERS.exec(text) ?? [];
	if (first === undefined || second === undefined || third === undefined) {
		return refused('has more numbers than a date');
	}
	if (first.length === 4) return parts(first, second, third, thisYear);
	if (order === 'ymd') {
		return third.length === 4
			? refused('has the year last, so that day and month could be mixed up')
			: parts(first, second, third, thisYear);
	}
	return order === 'dmy'
		? parts(third, second, first, thisYear)
		: parts(third, first, second, thisYear);
}

/** 25122026 in the question's order, or 20261225, unless both are dates. */
function inOneNumber(digits: string, order: DateOrder, thisYear: number): DateParts | Invalid {
	const [a, b, c, d] = [0, 2, 4, 6].map((at) => digits.slice(at, at + 2));
	const last =
		order === 'mdy' ? parts(c! + d!, a!, b!, thisYear) : parts(c! + d!, b!, a!, thisYear);
	const readings = [parts(a! + b!, c!, d!, thisYear), ...(order === 'ymd' ? [] : [last])].filter(
		(read) => !('why' in read) && isPlausible(read),
	);
	return readings.length === 1 ? readings[0]! : refused('is not a date');
}

const isPlausible = ({ year = 0, month, day }: DateParts) =>
	year >= FIRST_YEAR && year <= LAST_YEAR && dateOf({ year, month, day }) !== undefined;

function withoutYear(text: string, order: DateOrder): DateParts | Invalid {
	// Two numbers apart are no date: "3 4" or "10-12 people".
	const [, first, second] = /^\P{L}*?(\d{1,2}) ?[/.] ?(\d{1,2})\P{L}*$/u.exec(text) ?? [];
	if (first === undefined || second === undefined) return refused('is not a date');
	const [day, month] = order === 'dmy' ? [first, second] : [second, first];
	return checkedParts({ day: Number(day), month: Number(month) });
}

function byName(
	month: number,
	numbers: string[],
	{ order, thisYear, isBetween }: { order: DateOrder; thisYear: number; isBetween: boolean },
): DateParts | Invalid {
	const [first, second] = numbers;
	if (first === undefined) return refused('has no day');
	if (numbers.length > 2) return refused('has more numbers than a date');
	if (second === undefined) {
		return first.length > 2 ? refused('has no day') : checkedParts({ month, day: Number(first) });
	}
	// "room 12, 25 December" has no year.
	if (!isBetween && first.length !== 4 && second.length !== 4) {
		return refused('has more numbers than a date');
	}
	const isYearFirst = first.length === 4 || (order === 'ymd' && second.length <= 2);
	const [year, day] = isYearFirst ? [first, second] : [second, first];
	return parts(year, String(month), day, thisYear);
}

function parts(year: string, month: string, day: string, thisYear: number): DateParts | Invalid {
	if (month.length > 2 || day.length > 2 || (year.length !== 2 && year.length !== 4)) {
		return refused('is not a date');
	}
	const written = Number(year);
	const century = thisYear + YEARS_AHEAD - ((thisYear + YEARS_AHEAD) % 100);
	const recent = century + written > thisYear + YEARS_AHEAD ? century - 100 : century;
	return checkedParts({
		year: year.length === 2 ? recent + written : written,
		month: Number(month),
		day: Number(day),
	});
}

function checkedParts(date: DateParts): DateParts | Invalid {
	const { month, day } = date;
	return month >= 1 && month <= 12 && day >= 1 && day <= 31
		? date
		: refused('is a date that no calendar has');
}
