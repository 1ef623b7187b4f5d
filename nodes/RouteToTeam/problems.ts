import type { RouteDecision, RoutingFacts, RoutingPolicy } from '../decisions/contracts';
import { labelOf } from '../decisions/routingWords';
import { storeError, teamNotFound } from '../store/errors';
import type { ConversationStore } from '../store/store';

/** Teams that an error names. */
const NAMED = 21;

/** @throws StoreError `InvalidInput` for a rule that routes to nowhere */
export function refuseRulesWithoutTeam({ rules }: RoutingPolicy): void {
	const index = rules.findIndex(({ team }) => team === '');
	if (index < 0) return;
	throw storeError(
		'InvalidInput',
		`Rule ${index + 1} has no team`,
		"Choose the rule's team from the list",
	);
}

/**
 * A decision that cannot be carried out: by a rule that nobody can judge, or for a team that is gone.
 *
 * @throws StoreError `InvalidInput`, `TeamNotFound`, naming the rule
 */
export async function refuseUnusable(
	decision: RouteDecision,
	policy: RoutingPolicy,
	{ teams }: RoutingFacts,
	store: ConversationStore,
): Promise<void> {
	const { team, undecided, ruleIndex } = decision;
	const exists = (key: string) => Object.hasOwn(teams, key);
	const index = undecided?.ruleIndex ?? ruleIndex;
	const rule = index === null ? undefined : policy.rules[index];
	const label = index === null || !rule ? 'The fallback team' : labelOf(rule, index);
	if (undecided) {
		const hours = rule?.conditions.find((each) => each.type === 'hours' && each.team !== null);
		const asked = hours?.type === 'hours' ? hours.team : rule?.team;
		if (asked && !exists(asked))
			throw await missing(`${label} asks for the business hours of`, asked, store);
		throw storeError(
			'InvalidInput',
			`${label} cannot be judged: ${undecided.why}`,
			"Choose another type of comparison in the rule's custom condition, or switch on the option 'Convert Types Where Required'. Values that are no numbers or dates cannot be compared as such.",
		);
	}
	if (team !== null && !exists(team)) {
		throw await missing(rule ? `${label} routes to` : `${label} is`, team, store);
	}
}

async function missing(sentence: string, key: string, store: ConversationStore) {
	const known = await store.listTeams({ limit: NAMED, offset: 0 });
	const { hint } = teamNotFound(
		key,
		known.map((each) => each.key),
	);
	return storeError('TeamNotFound', `${sentence} the team '${key}', which does not exist`, hint);
}
