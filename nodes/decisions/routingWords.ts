import type { RoutingRule } from './contracts';

/** How many values a clause names, and how much of each. */
const NAMED = 3;
const LONGEST_VALUE = 60;

/** A condition's outcome, with the clause that says it: "the channel is whatsapp". */
export interface Finding {
	/** Null when nobody can say, by what is known. */
	holds: boolean | null;
	why: string;
}

/** "Rule 2 'Billing'", as operators count. */
export function labelOf({ name }: Pick<RoutingRule, 'name'>, index: number): string {
	return name.trim() ? `Rule ${index + 1} ${quote(name)}` : `Rule ${index + 1}`;
}

export function hasValue(values: string[]): boolean {
	return values.some((value) => value.trim() !== '');
}

/** "'a', 'b' or 'c'", or the first few and how many more. */
export function list(values: string[]): string {
	const given = values.filter((value) => value.trim());
	const named = given.slice(0, NAMED).map(quote);
	const more = given.length - named.length;
	const last = more > 0 ? `${more} more` : named.pop();
	return named.length > 0 ? `${named.join(', ')} or ${last}` : `${last}`;
}

export function quote(value: string): string {
	return `'${shorten(value)}'`;
}

export function shorten(value: string): string {
	const characters = [...value.trim().replace(/\s+/gu, ' ')];
	return characters.length > LONGEST_VALUE
		? `${characters.slice(0, LONGEST_VALUE - 1).join('')}…`
		: characters.join('');
}
