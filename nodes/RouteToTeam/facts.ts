import { adFacts } from '../decisions/adReferral';
import type { CustomOutcome, RoutingFacts } from '../decisions/contracts';
import type { RoutingFactsResult } from '../store/operations/routingFacts';
import type { ConversationItem } from '../store/views';

/** What the rules may look at. */
export function factsOf(
	{ conversation, contact, message }: ConversationItem,
	around: Pick<RoutingFactsResult, 'teams' | 'lastTeam'> & {
		at: number;
		custom: Record<string, CustomOutcome>;
	},
): RoutingFacts {
	const { language, country, tags } = contact;
	return {
		text: message?.text ?? '',
		...{ language, country, tags },
		channel: conversation.channel,
		isReturning: conversation.isReturning,
		intent: conversation.intent,
		fields: fieldsOf(contact),
		ad: adFacts(message?.referral),
		...around,
	};
}

/** Fields that were saved, and the standard ones, which have the last word on their names. */
export function fieldsOf(contact: ConversationItem['contact']): RoutingFacts['fields'] {
	const { name, phone, email, language, country, timezone, fields } = contact;
	return { ...fields, name, phone, email, language, country, timezone };
}
