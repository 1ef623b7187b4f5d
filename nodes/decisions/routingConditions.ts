import type { RoutingCondition, RoutingFacts, RoutingRule } from './contracts';
import {
	checkContactIs,
	checkCountry,
	checkField,
	checkLanguage,
	checkTag,
} from './routingContact';
import {
	checkAd,
	checkChannel,
	checkIntent,
	checkMention,
	unknown,
	unwritten,
	yes,
} from './routingMessage';
import { checkHours } from './routingTeams';
import type { Finding } from './routingWords';

/**
 * Whether a rule matches, by itself. What nobody can say leaves a rule undecided only where it would
 * have made the difference.
 */
export function checkRule(rule: RoutingRule, facts: RoutingFacts, exactly: boolean): Finding {
	if (!rule.team.trim()) return unwritten('has no team');
	// A rule that somebody is still writing must not take every conversation.
	if (rule.conditions.length === 0) return unwritten('has no condition');
	const isAny = rule.match === 'any';
	const findings: Finding[] = [];
	for (const condition of rule.conditions) {
		const finding = checkCondition(condition, rule, facts, exactly);
		if (finding.holds === isAny) return finding;
		findings.push(finding);
	}
	const open = findings.find(({ holds }) => holds === null);
	if (open) return open;
	return { holds: !isAny, why: findings.map(({ why }) => why).join(' and ') };
}

function checkCondition(
	condition: RoutingCondition,
	rule: RoutingRule,
	facts: RoutingFacts,
	exactly: boolean,
): Finding {
	const finding = positively(condition, rule, facts, exactly);
	const isNegated = 'not' in condition && condition.not === true;
	if (!isNegated || finding.holds === null || 'unwritten' in finding) return finding;
	return { holds: !finding.holds, why: finding.why };
}

function positively(
	condition: RoutingCondition,
	rule: RoutingRule,
	facts: RoutingFacts,
	exactly: boolean,
): Finding {
	switch (condition.type) {
		case 'mentions':
			return checkMention(condition, facts.text, exactly);
		case 'intent':
			return checkIntent(condition, facts.intent, exactly);
		case 'language':
			return checkLanguage(condition, facts.language);
		case 'country':
			return checkCountry(condition, facts.country);
		case 'channel':
			return checkChannel(condition, facts.channel);
		case 'tag':
			return checkTag(condition, facts.tags, exactly);
		case 'ad':
			return checkAd(condition, facts.ad);
		case 'contactIs':
			return checkContactIs(condition, facts.isReturning);
		case 'field':
			return checkField(condition, facts.fields, exactly);
		case 'hours':
			return checkHours(condition, rule.team, facts.teams);
		case 'custom':
			return checkCustom(condition.key, facts.custom);
		case 'always':
			return yes('it always matches');
		default:
			// Rules are stored: a later version, or a hand, may have written this one.
			return unwritten('has a condition of an unknown type');
	}
}

function checkCustom(key: string, outcomes: RoutingFacts['custom']): Finding {
	const outcome = Object.hasOwn(outcomes, key) ? outcomes[key] : undefined;
	if (!outcome) return unwritten('its custom condition is empty');
	if ('problem' in outcome) return unknown(outcome.problem);
	return {
		holds: outcome.holds,
		why: outcome.holds ? 'its custom condition holds' : 'its custom condition does not hold',
	};
}
