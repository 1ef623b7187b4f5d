import type { FilterValue } from 'n8n-workflow';
import type { RoutingCondition, RoutingPolicy, RoutingRule } from '../decisions/contracts';
import { keywordList } from '../descriptions/lists';

/** A resource locator as it is saved, or its plain value. */
export type LocatorForm = string | { value?: unknown };

/** A rule as the form gives it. */
export interface RuleForm {
	name?: string;
	match?: 'all' | 'any';
	team?: LocatorForm;
	conditions?: { values?: ConditionForm[] };
}

export interface ConditionForm {
	type?: RoutingCondition['type'];
	not?: boolean;
	keywords?: string;
	intents?: string;
	languages?: string;
	countries?: string;
	channelNames?: string[];
	channels?: string;
	tags?: string;
	contactIs?: 'new' | 'returning';
	adBy?: 'any' | 'id' | 'words';
	adValues?: string;
	field?: string;
	operator?: Extract<RoutingCondition, { type: 'field' }>['operator'];
	value?: unknown;
	hours?: 'inside' | 'outside';
	hoursTeam?: LocatorForm;
	filter?: Partial<FilterValue>;
}

/** All that decides, as the form gives it. */
export interface PolicyForm {
	rules?: { values?: RuleForm[] };
	fallbackTeam?: LocatorForm;
	options?: OptionsForm;
}

export interface OptionsForm {
	convertTypes?: boolean;
	matchExactly?: boolean;
	overflow?: RoutingPolicy['overflow'];
	lastTeam?: { values?: { days?: number; order?: 'beforeRules' | 'whenNoRuleMatches' } };
}

export function readPolicy({ rules, fallbackTeam, options = {} }: PolicyForm): RoutingPolicy {
	const { lastTeam } = options;
	return {
		rules: (rules?.values ?? []).map(readRule),
		fallbackTeam: locatorText(fallbackTeam) || null,
		overflow: options.overflow ?? 'keep',
		sticky:
			lastTeam === undefined
				? null
				: {
						days: Number(lastTeam.values?.days ?? 30),
						order: lastTeam.values?.order ?? 'beforeRules',
					},
		matchExactly: options.matchExactly === true,
	};
}

function readRule(form: RuleForm, index: number): RoutingRule {
	return {
		name: String(form.name ?? '').trim(),
		match: form.match ?? 'all',
		conditions: (form.conditions?.values ?? []).map((each, nth) =>
			readCondition(each, customKey(index, nth)),
		),
		team: locatorText(form.team),
	};
}

function readCondition(form: ConditionForm, key: string): RoutingCondition {
	const not = form.not === true;
	switch (form.type ?? 'mentions') {
		case 'mentions':
			return { type: 'mentions', keywords: keywordList(form.keywords), not };
		case 'intent':
			return { type: 'intent', intents: keywordList(form.intents), not };
		case 'language':
			return { type: 'language', languages: keywordList(form.languages), not };
		case 'country':
			return { type: 'country', countries: keywordList(form.countries), not };
		case 'channel': {
			const channels = [...keywordList(form.channelNames), ...keywordList(form.channels)];
			return { type: 'channel', channels, not };
		}
		case 'tag':
			return { type: 'tag', tags: keywordList(form.tags), not };
		case 'ad':
			return { type: 'ad', by: form.adBy ?? 'any', values: keywordList(form.adValues), not };
		case 'contactIs':
			return { type: 'contactIs', value: form.contactIs ?? 'returning' };
		case 'field':
			return readField(form);
		case 'hours':
			return {
				type: 'hours',
				is: form.hours ?? 'outside',
				team: locatorText(form.hoursTeam) || null,
			};
		case 'custom':
			return { type: 'custom', key };
		case 'always':
			return { type: 'always' };
	}
}

function readField({ field, operator = 'is', value }: ConditionForm): RoutingCondition {
	const text = String(value ?? '').trim();
	const values = operator === 'isAnyOf' ? keywordList(value ?? '') : text === '' ? [] : [text];
	return { type: 'field', field: String(field ?? '').trim(), operator, values };
}

/** Which condition it is, among the outcomes of custom conditions. */
export const customKey = (rule: number, condition: number) => `${rule}.${condition}`;

export function locatorText(locator: LocatorForm | undefined): string {
	const value = typeof locator === 'object' ? locator?.value : locator;
	return String(value ?? '').trim();
}

/** Every team that the rules name, so that what is known of them can be read. */
export function teamsOf({ rules, fallbackTeam }: RoutingPolicy): string[] {
	const named = rules.flatMap(({ team, conditions }) => [
		team,
		...conditions.map((each) => (each.type === 'hours' ? each.team : null)),
	]);
	return [...new Set([...named, fallbackTeam])].filter((key): key is string => !!key?.trim());
}
