import type {
	HoursState,
	RoutingCondition,
	RoutingFacts,
	RoutingPolicy,
	RoutingRule,
	RoutingTeam,
} from '../../../nodes/decisions/contracts';
import { decideRoute } from '../../../nodes/decisions/routing';

export const DAY = 24 * 60 * 60_000;

const OPEN: HoursState = { open: true, why: 'open until 17:00', opensAt: null, closesAt: 1 };
const CLOSED: HoursState = { open: false, why: 'closed on Friday', opensAt: 1, closesAt: null };

/** A team that can take a conversation, unless said otherwise. */
export const teamState = (
	changes: Partial<RoutingTeam> & { closed?: boolean } = {},
): RoutingTeam => {
	const { closed, ...rest } = changes;
	return {
		name: 'A team',
		hours: closed ? CLOSED : OPEN,
		online: true,
		overflowTeam: null,
		...rest,
	};
};

export const FACTS: RoutingFacts = {
	text: 'Hello, my secret invoice is wrong',
	language: 'en',
	country: 'EG',
	channel: 'whatsapp',
	tags: ['VIP', ' Élite '],
	isReturning: true,
	intent: 'Order status',
	fields: { plan: 'Gold', orders: 12, renewal: '2026-03-01', empty: ' ', topics: ['a', 'b'] },
	ad: { ids: ['1203'], words: 'Summer sale\nhttps://example.com/summer' },
	at: 100 * DAY,
	teams: { billing: teamState(), support: teamState() },
	lastTeam: null,
	custom: {},
};

export const rule = (
	conditions: RoutingCondition[],
	values: Partial<RoutingRule> = {},
): RoutingRule => ({ name: 'Billing', match: 'all', conditions, team: 'billing', ...values });

export const policy = (
	rules: RoutingRule[],
	changes: Partial<RoutingPolicy> = {},
): RoutingPolicy => ({
	...{ rules, fallbackTeam: null, overflow: 'keep', sticky: null, matchExactly: false },
	...changes,
});

/** What one rule with these conditions makes of the facts. */
export const route = (
	conditions: RoutingCondition[],
	facts: Partial<RoutingFacts> = {},
	changes: Partial<RoutingPolicy> = {},
) => decideRoute(policy([rule(conditions)], changes), { ...FACTS, ...facts });

export const NEVER: RoutingCondition = { type: 'contactIs', value: 'new' };
export const ALWAYS: RoutingCondition = { type: 'always' };
