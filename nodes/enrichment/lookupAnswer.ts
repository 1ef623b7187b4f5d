import { IANAZone } from '../vendor';
import { parseJsonPath, valueAt } from './jsonPath';
import { describePhone } from './phone';

/** Where a value of the answer goes. */
export interface LookupMapping {
	path: string;
	saveTo: 'field' | 'tag';
	/** A contact's own column or a field of the operator's; not for tags. */
	field: string;
}

export interface MappedAnswer {
	fields: Record<string, unknown>;
	tags: string[];
}

/** Names that JavaScript objects treat specially; the store refuses them. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

/** Characters of one text, and texts of one list. */
const LONGEST_TEXT = 2_000;
const LONGEST_LIST = 100;
const LONGEST_TAG = 200;

/** What is wrong with the rows, in a sentence for an operator; null where nothing is. */
export function mappingProblem(rows: readonly LookupMapping[]): string | null {
	if (rows.length === 0) {
		return "Nothing is taken from the answer. Add a row under 'Response Fields'";
	}
	for (const { path, saveTo, field } of rows) {
		if (parseJsonPath(path) === null) {
			return `'${path}' is no path. Write it like customer.plan, data[0].id or a["b.c"]`;
		}
		if (saveTo === 'field' && field.trim() === '') {
			return `The row with the path '${path}' names no field to save to`;
		}
		if (saveTo === 'field' && (RESERVED.includes(field.trim()) || field.length > 200)) {
			return `The row with the path '${path}' saves to a name that no field may have`;
		}
	}
	return null;
}

/**
 * Takes what the rows name out of an answer; what is not there, or is no text, number, yes or no, or
 * list of these, is left out. A later row for the same field counts only where the earlier found
 * nothing. Values for a contact's own columns are brought into the form that these have, or left out.
 */
export function mapAnswer(answer: unknown, rows: readonly LookupMapping[]): MappedAnswer {
	const fields = new Map<string, unknown>();
	const tags = new Set<string>();
	for (const { path, saveTo, field } of rows) {
		const steps = parseJsonPath(path);
		const value = steps && plainValue(valueAt(answer, steps));
		if (value === null) continue;
		if (saveTo === 'tag') {
			for (const tag of [value].flat()) {
				const text = String(tag).trim();
				if (text !== '' && text.length <= LONGEST_TAG) tags.add(text);
			}
			continue;
		}
		const name = field.trim();
		const fit = fitted(name, value);
		if (fit !== null && !fields.has(name)) fields.set(name, fit);
	}
	return { fields: Object.fromEntries(fields), tags: [...tags].slice(0, LONGEST_LIST) };
}

type Plain = string | number | boolean;

function plainValue(value: unknown): Plain | Plain[] | null {
	if (!Array.isArray(value)) return isPlain(value) ? value : null;
	const list = value.filter(isPlain).slice(0, LONGEST_LIST);
	return list.length > 0 ? list : null;
}

const isPlain = (value: unknown): value is Plain =>
	typeof value === 'string'
		? value.trim() !== '' && value.length <= LONGEST_TEXT
		: typeof value === 'number' || typeof value === 'boolean';

function fitted(name: string, value: Plain | Plain[]): Plain | Plain[] | null {
	const form = Object.hasOwn(standard, name) ? standard[name] : undefined;
	if (!form) return value;
	return Array.isArray(value) ? null : form(String(value).trim());
}

/** The forms of a contact's own columns. */
const standard: Record<string, (text: string) => string | null> = {
	name: (text) => text.slice(0, 500),
	// Contacts are found by it, so it must be as everywhere: E.164.
	phone: (text) => {
		const phone = describePhone(text);
		return phone?.valid ? phone.e164 : null;
	},
	email: (text) => (/^[^\s@]+@[^\s@]+$/.test(text) && text.length <= 320 ? text : null),
	language: (text) => /^([a-z]{2,3})(?:[-_].*)?$/i.exec(text)?.[1]?.toLowerCase() ?? null,
	country: (text) => (/^[a-z]{2}$/i.test(text) ? text.toUpperCase() : null),
	timezone: (text) => (IANAZone.isValidZone(text) ? text : null),
};
