import type { RoutingCondition, RoutingFacts, RoutingRule } from '../decisions/contracts';
import { keywordList } from '../descriptions/lists';
import type { ConversationItem } from '../store/views';

/** A rule as the node's form gives it. */
export interface RuleForm {
	name?: string;
	match?: 'all' | 'any';
	team?: string | { value?: unknown };
	conditions?: { values?: ConditionForm[] };
}

interface ConditionForm {
	type?: RoutingCondition['type'];
	keywords?: string;
	languages?: string;
	countries?: string;
	channels?: string;
	tags?: string;
	contactIs?: 'new' | 'returning';
}

export function readRule(form: RuleForm): RoutingRule {
	const team = typeof form.team === 'object' ? form.team.value : form.team;
	return {
		name: (form.name ?? '').trim(),
		match: form.match ?? 'all',
		conditions: (form.conditions?.values ?? []).map(readCondition),
		team: String(team ?? ''),
	};
}

function readCondition(form: ConditionForm): RoutingCondition {
	switch (form.type ?? 'mentions') {
		case 'mentions':
			return { type: 'mentions', keywords: keywordList(form.keywords) };
		case 'language':
			return { type: 'language', languages: keywordList(form.languages) };
		case 'country':
			return { type: 'country', countries: keywordList(form.countries) };
		case 'channel':
			return { type: 'channel', channels: keywordList(form.channels) };
		case 'tag':
			return { type: 'tag', tags: keywordList(form.tags) };
		case 'contactIs':
			return { type: 'contactIs', value: form.contactIs ?? 'returning' };
		case 'always':
			return { type: 'always' };
	}
}

/** What the rules may look at. */
export function factsOf({ conversation, contact, message }: ConversationItem): RoutingFacts {
	return {
		text: message?.text ?? '',
		language: contact.language,
		country: contact.country,
		channel: conversation.channel,
		tags: contact.tags,
		isReturning: conversation.isReturning,
	};
}
