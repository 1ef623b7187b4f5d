import type { NodeHint } from 'n8n-workflow';

/**
 * What the editor says about rules that are certainly not meant so. The source text of these
 * functions becomes an expression: the rules of outputs.ts hold.
 */

interface HintParameters {
	rules?: {
		values?: Array<{ match?: string; conditions?: { values?: Array<{ type?: string }> } }>;
	};
}

/** A rule without a condition never matches. */
export function hasEmptyRule(parameters: HintParameters): boolean {
	const rows = parameters.rules?.values ?? [];
	return rows.some((row) => (row.conditions?.values ?? []).length === 0);
}

/** Behind a rule that takes every conversation, none is reached. */
export function hasRuleBehindAlways(parameters: HintParameters): boolean {
	const rows = parameters.rules?.values ?? [];
	const takesAll = rows.findIndex((row) => {
		const conditions = row.conditions?.values ?? [];
		const always = conditions.filter((condition) => condition.type === 'always').length;
		return row.match === 'any' ? always > 0 : always > 0 && always === conditions.length;
	});
	return takesAll >= 0 && takesAll < rows.length - 1;
}

/** Teams beyond the sixteenth have no output of their own. */
export function hasTooManyTeams(parameters: {
	outputMode?: string;
	rules?: { values?: Array<{ team?: { value?: unknown } }> };
}): boolean {
	if (parameters.outputMode !== 'perTeam') return false;
	const rows = parameters.rules?.values ?? [];
	const keys = rows.map((row) => row.team?.value).filter((key) => key);
	return new Set(keys).size > 16;
}

const hint = (message: string, shows: (parameters: never) => boolean): NodeHint => ({
	message,
	type: 'warning',
	location: 'ndv',
	whenToDisplay: 'always',
	displayCondition: `={{ (${shows})($parameter) }}`,
});

export const hints: NodeHint[] = [
	hint("A rule without a condition never matches. Add one, or choose 'Always'.", hasEmptyRule),
	hint(
		"Rules below one that always matches are never reached. Move 'Always' to the end, or use 'Fallback Team' instead.",
		hasRuleBehindAlways,
	),
	hint(
		"Only the first 16 teams have an output. The others leave by 'Other Team'.",
		hasTooManyTeams,
	),
];
