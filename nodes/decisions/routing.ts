import type { RouteDecision, RoutingFacts, RoutingPolicy } from './contracts';
import { checkRule } from './routingConditions';
import { checkLastTeam, handOver } from './routingTeams';
import { labelOf, quote } from './routingWords';

type Checked = RouteDecision['checked'];

/** What decided on a team, before the team may hand over. */
type Choice = Pick<RouteDecision, 'via' | 'ruleIndex' | 'ruleName'> & { says: string };

/**
 * Decides which team a conversation goes to: that of the first rule that matches, or the contact's
 * last one, or the fallback team; and to whom that team hands over.
 *
 * Reasons are for operators and are kept with the conversation, so they name what the rule looked
 * for and never quote what the customer wrote, nor what is known of the contact's fields.
 */
export function decideRoute(policy: RoutingPolicy, facts: RoutingFacts): RouteDecision {
	const { rules, sticky } = policy;
	const last = checkLastTeam(sticky, facts);
	const settle = settling(policy, facts, last?.why ?? null);
	if (last?.team && sticky?.order === 'beforeRules') {
		const says = `The contact goes back to its last team: ${last.why}.`;
		return settle(last.team, { via: 'sticky', ruleIndex: null, ruleName: null, says }, []);
	}
	const checked: Checked = [];
	for (const [index, rule] of rules.entries()) {
		const { holds, why } = checkRule(rule, facts, policy.matchExactly);
		checked.push({ rule: rule.name.trim() || `Rule ${index + 1}`, matched: holds === true, why });
		if (holds === true) {
			const says = `${labelOf(rule, index)} matched: ${why}.`;
			const choice: Choice = { via: 'rule', ruleIndex: index, ruleName: rule.name, says };
			return settle(rule.team, choice, checked);
		}
		if (holds === null) {
			const says = `${labelOf(rule, index)} cannot be judged: ${why}.`;
			const undecided = { ruleIndex: index, why };
			return { ...settle(null, { ...NOTHING, says }, checked), undecided };
		}
	}
	const nothing = rules.length === 0 ? 'There are no rules' : 'No rule matched';
	if (last?.team) {
		const says = `${nothing}: the contact goes back to its last team, since ${last.why}.`;
		return settle(last.team, { ...NOTHING, via: 'sticky', says }, checked);
	}
	const fallback = policy.fallbackTeam?.trim();
	if (!fallback) {
		const says = `${nothing}, and there is no fallback team.`;
		return settle(null, { ...NOTHING, says }, checked);
	}
	const says = `${nothing}: the conversation goes to the fallback team ${quote(fallback)}.`;
	return settle(fallback, { ...NOTHING, via: 'fallback', says }, checked);
}

const NOTHING = { via: null, ruleIndex: null, ruleName: null };

function settling(policy: RoutingPolicy, facts: RoutingFacts, sticky: string | null) {
	return (team: string | null, choice: Choice, checked: Checked): RouteDecision => {
		const over = team === null ? null : handOver(team, policy.overflow, facts.teams);
		return {
			team: over?.team ?? null,
			via: choice.via,
			ruleIndex: choice.ruleIndex,
			ruleName: choice.ruleName,
			usedFallback: choice.via === 'fallback',
			overflow: over?.steps ?? [],
			sticky,
			undecided: null,
			reason: [choice.says, ...(over?.says ?? [])].join(' '),
			checked,
		};
	};
}
