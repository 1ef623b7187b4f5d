import type { FieldOperator, RoutingCondition, RoutingFacts } from './contracts';
import { checkValue, lowerCase, no, unwritten, yes } from './routingMessage';
import { hasValue, list, quote, type Finding } from './routingWords';
import { asciiDigits, comparable, normalizeText } from './text';

type Of<T extends RoutingCondition['type']> = Extract<RoutingCondition, { type: T }>;

export function checkLanguage({ languages }: Of<'language'>, language: string | null): Finding {
	return checkValue('language', language, languages, primarySubtag);
}

export function checkCountry({ countries }: Of<'country'>, country: string | null): Finding {
	return checkValue('country', country, countries, lowerCase);
}

export function checkTag({ tags }: Of<'tag'>, actual: string[], exactly: boolean): Finding {
	if (!hasValue(tags)) return unwritten('lists no tag');
	const form = comparable(exactly);
	const present = new Set(actual.map(form));
	const found = tags.find((tag) => tag.trim() && present.has(form(tag)));
	return found === undefined
		? no(`the tag ${list(tags)} is missing`)
		: yes(`the tag ${quote(found)} is set`);
}

export function checkContactIs({ value }: Of<'contactIs'>, isReturning: boolean): Finding {
	const actual = isReturning ? 'returning' : 'new';
	return { holds: actual === value, why: `the contact is ${actual}` };
}

/** What is known of the contact may be personal: clauses name what the rule looks for, and no more. */
export function checkField(
	{ field, operator, values }: Of<'field'>,
	fields: RoutingFacts['fields'],
	exactly: boolean,
): Finding {
	if (!field.trim()) return unwritten('names no field');
	const name = `the field ${quote(field)}`;
	const actual = partsOf(valueOf(fields, field));
	if (operator === 'isEmpty' || operator === 'isNotEmpty') {
		const holds = (actual.length === 0) === (operator === 'isEmpty');
		return { holds, why: `${name} is ${actual.length === 0 ? 'empty' : 'not empty'}` };
	}
	const [compare, says, saysNot] = comparisons[operator] ?? [];
	// Rules are stored: a later version, or a hand, may have written this one.
	if (!compare) return unwritten('compares a field in an unknown way');
	if (!hasValue(values)) return unwritten(`compares ${name} with nothing`);
	const given = values.filter((value) => value.trim());
	const form = comparable(exactly);
	const found = actual.some((each) => given.some((value) => compare(each, value, form)));
	const isNegated = operator === 'isNot' || operator === 'doesNotContain';
	return {
		holds: found !== isNegated,
		why: `${name} ${found ? says : saysNot} ${list(given)}`,
	};
}

type Form = (value: string) => string;
type Compare = (actual: Part, value: string, form: Form) => boolean;
type Part = string | number | boolean;

const equals: Compare = (actual, value, form) =>
	(typeof actual === 'number' && numberOf(value) === actual) ||
	form(String(actual)) === form(value);
const contains: Compare = (actual, value, form) => form(String(actual)).includes(form(value));
const after =
	(sign: 1 | -1): Compare =>
	(actual, value) => {
		const [left, right] = [numberOf(actual), numberOf(value)];
		if (left !== null && right !== null) return (left - right) * sign > 0;
		const [then, limit] = [timeOf(actual), timeOf(value)];
		return then !== null && limit !== null && (then - limit) * sign > 0;
	};

/** How to compare, and how to say that it is so and that it is not. */
const comparisons: Partial<Record<FieldOperator, [Compare, string, string]>> = {
	is: [equals, 'is', 'is not'],
	isNot: [equals, 'is', 'is not'],
	isAnyOf: [equals, 'is one of', 'is none of'],
	contains: [contains, 'contains', 'does not contain'],
	doesNotContain: [contains, 'contains', 'does not contain'],
	greaterThan: [after(1), 'is greater than', 'is not greater than'],
	lessThan: [after(-1), 'is less than', 'is not less than'],
};

/** By its exact name, else by one that differs in case or accents only. */
function valueOf(fields: RoutingFacts['fields'], field: string): unknown {
	const name = field.trim();
	if (Object.hasOwn(fields, name)) return fields[name];
	const wanted = normalizeText(name);
	const key = Object.keys(fields).find((each) => normalizeText(each) === wanted);
	return key === undefined ? undefined : fields[key];
}

/** What there is to compare: each entry of a list. Nothing of an empty text, and of an object its JSON. */
function partsOf(value: unknown): Part[] {
	if (Array.isArray(value)) return value.flatMap(partsOf);
	if (typeof value === 'number' || typeof value === 'boolean') return [value];
	if (typeof value === 'string') return value.trim() === '' ? [] : [value];
	if (typeof value !== 'object' || value === null) return [];
	return Object.keys(value).length === 0 ? [] : [JSON.stringify(value)];
}

/** Digits of any script; texts that hold more than one number are none. */
function numberOf(value: Part): number | null {
	if (typeof value === 'number') return value;
	const text = asciiDigits(String(value)).trim();
	return /^[-+]?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

/** A date, or a date and time, by ISO 8601; without an offset it is taken for UTC. */
function timeOf(value: Part): number | null {
	const text = asciiDigits(String(value)).trim();
	if (!/^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:?\d\d)?)?$/.test(text))
		return null;
	const hasZone = /(Z|[-+]\d\d:?\d\d)$/.test(text.slice(10));
	const time = Date.parse(text.replace(' ', 'T') + (text.length > 10 && !hasZone ? 'Z' : ''));
	return Number.isNaN(time) ? null : time;
}

/** "pt" of "pt-BR" (BCP 47, where case does not matter); "pt_BR" is what some channels send. */
function primarySubtag(language: string): string {
	return lowerCase(language).split(/[-_]/u)[0] ?? '';
}
