import { executeFilter, type FilterValue } from 'n8n-workflow';
import type { CustomOutcome } from '../decisions/contracts';
import { customKey, type OptionsForm, type PolicyForm } from './rules';

/** A custom condition of the form, and where it stands. */
export interface CustomCondition {
	key: string;
	filter: Partial<FilterValue>;
}

/** Those that are filled in. */
export const filledConditions = (form: PolicyForm) => customConditions(form).filter(isFilled);

export function customConditions({ rules }: PolicyForm): CustomCondition[] {
	return (rules?.values ?? []).flatMap((rule, index) =>
		(rule.conditions?.values ?? []).flatMap(({ type, filter = {} }, nth) =>
			type === 'custom' ? [{ key: customKey(index, nth), filter }] : [],
		),
	);
}

/** The editor adds a row that compares nothing with nothing, which would be true of everybody. */
const isFilled = ({ filter }: CustomCondition) =>
	(filter.conditions ?? []).some(({ leftValue }) => leftValue !== '' && leftValue !== undefined);

/**
 * Whether a custom condition holds, its expressions already resolved; as n8n's own Filter node judges.
 * The reason never has n8n's words for it: they quote the values.
 */
export function judge(
	{ conditions = [], combinator = 'and' }: Partial<FilterValue>,
	{ convertTypes, matchExactly }: OptionsForm,
): CustomOutcome {
	const options: FilterValue['options'] = {
		caseSensitive: matchExactly === true,
		leftValue: '',
		typeValidation: convertTypes === false ? 'strict' : 'loose',
		version: 2,
	};
	try {
		return { holds: executeFilter({ options, conditions, combinator }) };
	} catch {
		return { problem: 'its custom condition compares values of different types' };
	}
}
