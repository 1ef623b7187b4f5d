import { NodeHelpers, type FilterValue, type INodeParameters } from 'n8n-workflow';
import type { CustomOutcome, RoutingPolicy } from '../decisions/contracts';
import { storeError } from '../store/errors';
import { filledConditions, type CustomCondition } from './custom';
import { parameters } from './parameters';
import { refuseRulesWithoutTeam } from './problems';
import { readPolicy, type OptionsForm, type PolicyForm, type RuleForm } from './rules';

/** A configuration that can be tried on conversations of the past. */
export interface PastPolicy {
	policy: RoutingPolicy;
	options: OptionsForm;
	custom: CustomCondition[];
	/** Of rules that nobody can judge for the past, whatever the conversation. */
	known: Record<string, CustomOutcome>;
}

/**
 * Reads a configuration as it is saved. An expression gets its value only when a flow runs, so a rule
 * that uses one outside of its custom conditions cannot be judged for the past, and is said to be so.
 *
 * @throws StoreError `InvalidInput` where there is nothing to try
 */
export function readPastPolicy(form: PolicyForm): PastPolicy {
	const { options = {}, rules, fallbackTeam } = form;
	if (hasExpression([options, fallbackTeam])) {
		throw storeError(
			'InvalidInput',
			"'Fallback Team' or an option is an expression, which has no value for the past",
			'Set it to a plain value for the replay',
		);
	}
	const policy = readPolicy(form);
	refuseRulesWithoutTeam(policy);
	if (policy.rules.length === 0 && policy.fallbackTeam === null) {
		throw storeError(
			'InvalidInput',
			'There are no rules to replay',
			"Add rules under 'Rules', or choose where to take them from under 'Rules From'",
		);
	}
	const known: Record<string, CustomOutcome> = {};
	for (const [index, rule] of (rules?.values ?? []).entries()) {
		if (!hasExpression(withoutFilters(rule))) continue;
		const key = `expression ${index}`;
		known[key] = { problem: 'it uses an expression, which has no value for the past' };
		policy.rules[index] = { ...policy.rules[index]!, conditions: [{ type: 'custom', key }] };
	}
	return { policy, options, custom: filledConditions(form), known };
}

/** The form with its custom conditions as they are saved: their expressions speak of other items. */
export function withSavedFilters(form: PolicyForm, saved: PolicyForm): PolicyForm {
	const values = (form.rules?.values ?? []).map((rule, index) => {
		const savedRule = saved.rules?.values?.[index];
		const conditions = (rule.conditions?.values ?? []).map((condition, nth) => {
			const filter = savedRule?.conditions?.values?.[nth]?.filter as
				Partial<FilterValue> | undefined;
			return { ...condition, ...(filter ? { filter } : {}) };
		});
		return { ...rule, conditions: { values: conditions } };
	});
	return { ...form, rules: { values } };
}

/** Parameters of a Route to Team node as they are saved, what is left at its default filled in. */
export function formOfNode(saved: INodeParameters): PolicyForm {
	const filled = NodeHelpers.getNodeParameters(parameters, saved, true, false, null, null);
	return (filled ?? {}) as PolicyForm;
}

/**
 * The node in what was copied from the canvas: `{nodes: [...]}`, one node, or its parameters.
 *
 * @throws StoreError `InvalidInput`
 */
export function formOfCopy(pasted: unknown): PolicyForm {
	const copy = parsed(pasted);
	const nodes = Array.isArray(copy.nodes) ? (copy.nodes as unknown[]) : [copy];
	const routing = nodes.filter(isRouteNode);
	if (routing.length === 1) return formOfNode(routing[0]!.parameters ?? {});
	if (routing.length === 0 && isObject(copy.rules)) return formOfNode(copy as INodeParameters);
	throw storeError(
		'InvalidInput',
		routing.length === 0
			? 'What was pasted holds no Route to Team node'
			: `What was pasted holds ${routing.length} Route to Team nodes`,
		'Select one Route to Team node on the canvas, copy it, and paste it here',
	);
}

function parsed(pasted: unknown): Record<string, unknown> {
	let copy = pasted;
	try {
		if (typeof pasted === 'string') copy = JSON.parse(pasted);
	} catch {
		copy = undefined;
	}
	if (isObject(copy)) return copy;
	throw storeError(
		'InvalidInput',
		'What was pasted is no JSON of a node',
		'Select the Route to Team node on the canvas, copy it with Ctrl+C, and paste it here',
	);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const isRouteNode = (node: unknown): node is { parameters?: INodeParameters } =>
	isObject(node) && typeof node.type === 'string' && /\.routeToTeam(Tool)?$/.test(node.type);

const withoutFilters = (rule: RuleForm) => ({
	...rule,
	conditions: (rule.conditions?.values ?? []).map((each) => ({ ...each, filter: undefined })),
});

function hasExpression(value: unknown): boolean {
	if (typeof value === 'string') return value.startsWith('=');
	return typeof value === 'object' && value !== null && Object.values(value).some(hasExpression);
}
