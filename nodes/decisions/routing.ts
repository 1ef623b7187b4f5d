import type { RouteDecision, RoutingCondition, RoutingFacts, RoutingRule } from './contracts';
import { findMention, normalizeText } from './text';

/** A condition's outcome, with the clause that says it: "the channel is whatsapp". */
interface Finding {
	holds: boolean;
	why: string;
}

/** How many values a clause names, and how much of each. */
const NAMED = 3;
const LONGEST_VALUE = 60;

/**
 * Decides which team a conversation goes to: that of the first rule that matches.
 *
 * Reasons are for operators and are kept with the conversation, so they name what the rule looked
 * for and never quote what the customer wrote.
 *
 * @param fallbackTeam Team key for conversations that no rule matches; null or empty for none.
 */
export function decideRoute(
	rules: RoutingRule[],
	facts: RoutingFacts,
	fallbackTeam: string | null,
): RouteDecision {
	const checked: RouteDecision['checked'] = [];
	for (const [index, rule] of rules.entries()) {
		const { holds, why } = checkRule(rule, facts);
		checked.push({ rule: rule.name.trim() || `Rule ${index + 1}`, matched: holds, why });
		if (holds) {
			return {
				team: rule.team,
				ruleIndex: index,
				ruleName: rule.name,
				usedFallback: false,
				reason: `${labelOf(rule, index)} matched: ${why}.`,
				checked,
			};
		}
	}
	const team = fallbackTeam?.trim() ? fallbackTeam : null;
	return {
		team,
		ruleIndex: null,
		ruleName: null,
		usedFallback: team !== null,
		reason: explainNoMatch(rules.length, team),
		checked,
	};
}

function explainNoMatch(rules: number, team: string | null): string {
	const nothing = rules === 0 ? 'There are no rules' : 'No rule matched';
	return team === null
		? `${nothing}, and there is no fallback team.`
		: `${nothing}: the conversation goes to the fallback team ${quote(team)}.`;
}

function labelOf(rule: RoutingRule, index: number): string {
	return rule.name.trim() ? `Rule ${index + 1} ${quote(rule.name)}` : `Rule ${index + 1}`;
}

function checkRule(rule: RoutingRule, facts: RoutingFacts): Finding {
	if (!rule.team.trim()) return { holds: false, why: 'has no team' };
	// A rule that somebody is still writing must not take every conversation.
	if (rule.conditions.length === 0) return { holds: false, why: 'has no condition' };
	const findings: Finding[] = [];
	for (const condition of rule.conditions) {
		const finding = checkCondition(condition, facts);
		const decides = rule.match === 'any' ? finding.holds : !finding.holds;
		if (decides) return finding;
		findings.push(finding);
	}
	return { holds: rule.match !== 'any', why: findings.map(({ why }) => why).join(' and ') };
}

function checkCondition(condition: RoutingCondition, facts: RoutingFacts): Finding {
	switch (condition.type) {
		case 'mentions':
			return checkMention(condition.keywords, facts.text);
		case 'language':
			return checkValue('language', facts.language, condition.languages, primarySubtag);
		case 'country':
			return checkValue('country', facts.country, condition.countries, lowerCase);
		case 'channel':
			return checkValue('channel', facts.channel, condition.channels, lowerCase);
		case 'tag':
			return checkTag(condition.tags, facts.tags);
		case 'contactIs': {
			const actual = facts.isReturning ? 'returning' : 'new';
			return { holds: actual === condition.value, why: `the contact is ${actual}` };
		}
		case 'always':
			return { holds: true, why: 'it always matches' };
		default:
			// Rules are stored: a later version, or a hand, may have written this one.
			return { holds: false, why: 'has a condition of an unknown type' };
	}
}

function checkMention(keywords: string[], text: string): Finding {
	if (!hasValue(keywords)) return { holds: false, why: 'lists no keyword' };
	const found = findMention(text, keywords);
	return found === null
		? { holds: false, why: `the message does not mention ${list(keywords)}` }
		: { holds: true, why: `the message mentions ${quote(found)}` };
}

function checkTag(tags: string[], actual: string[]): Finding {
	if (!hasValue(tags)) return { holds: false, why: 'lists no tag' };
	const present = new Set(actual.map(normalizeText));
	const found = tags.find((tag) => tag.trim() && present.has(normalizeText(tag)));
	return found === undefined
		? { holds: false, why: `the tag ${list(tags)} is missing` }
		: { holds: true, why: `the tag ${quote(found)} is set` };
}

function checkValue(
	what: string,
	actual: string | null,
	expected: string[],
	comparable: (value: string) => string,
): Finding {
	if (!hasValue(expected)) return { holds: false, why: `lists no ${what}` };
	if (!actual?.trim()) return { holds: false, why: `the ${what} is unknown` };
	const wanted = expected.filter((value) => value.trim()).map(comparable);
	return wanted.includes(comparable(actual))
		? { holds: true, why: `the ${what} is ${shorten(actual)}` }
		: { holds: false, why: `the ${what} is ${shorten(actual)}, not ${list(expected)}` };
}

/** "pt" of "pt-BR" (BCP 47, where case does not matter); "pt_BR" is what some channels send. */
function primarySubtag(language: string): string {
	return lowerCase(language).split(/[-_]/u)[0] ?? '';
}

function lowerCase(value: string): string {
	return value.trim().toLowerCase();
}

function hasValue(values: string[]): boolean {
	return values.some((value) => value.trim() !== '');
}

/** "'a', 'b' or 'c'", or the first few and how many more. */
function list(values: string[]): string {
	const given = values.filter((value) => value.trim());
	const named = given.slice(0, NAMED).map(quote);
	const more = given.length - named.length;
	const last = more > 0 ? `${more} more` : named.pop();
	return named.length > 0 ? `${named.join(', ')} or ${last}` : `${last}`;
}

function quote(value: string): string {
	return `'${shorten(value)}'`;
}

function shorten(value: string): string {
	const characters = [...value.trim().replace(/\s+/gu, ' ')];
	return characters.length > LONGEST_VALUE
		? `${characters.slice(0, LONGEST_VALUE - 1).join('')}…`
		: characters.join('');
}
