import { hoursState } from '../decisions/businessHours';
import { adFacts } from '../decisions/adReferral';
import type { CustomOutcome, HoursState, RoutingFacts, RoutingTeam } from '../decisions/contracts';
import type { PastLimits } from '../decisions/routingReplay';
import type { PastConversation } from '../store/operations/replayRouting';
import type { TeamState } from '../store/operations/teams';
import { fieldsOf } from './facts';

/** A team as it was at a moment of the past, by the business hours that it has now. */
class TeamThen implements RoutingTeam {
	private state: HoursState | undefined;

	constructor(
		private readonly now: TeamState,
		private readonly at: number,
		/** Null: nobody recorded it. */
		readonly online: boolean | null,
	) {}

	get name() {
		return this.now.name;
	}

	get overflowTeam() {
		return this.now.overflowTeam;
	}

	/** Only when a rule asks: most rules ask for nothing of the kind. */
	get hours() {
		this.state ??= hoursState(this.now.hours, this.at);
		return this.state;
	}
}

/**
 * What rules could look at when a conversation was routed: as it was recorded with the decision of
 * then, else what is known now.
 *
 * @param teams those that the rules may come to, as they are now
 */
export function factsOfPast(
	past: PastConversation,
	teams: Map<string, TeamState>,
	custom: Record<string, CustomOutcome>,
): { facts: RoutingFacts; limits: Pick<PastLimits, 'factsFrom' | 'textGone'> } {
	const { contact, message, routed, textGone, erased, lastTeam } = past;
	const recorded = erased ? null : (routed?.facts ?? null);
	const at = recorded?.at ?? routed?.at ?? past.openedAt;
	const states = [...teams.values()].map((team) => {
		const online = routed?.facts?.teams[team.key]?.online ?? null;
		return [team.key, new TeamThen(team, at, online)] as const;
	});
	const facts: RoutingFacts = {
		text: textGone ? null : (message?.text ?? ''),
		language: recorded ? recorded.language : contact.language,
		country: recorded ? recorded.country : contact.country,
		tags: recorded ? recorded.tags : contact.tags,
		intent: recorded ? recorded.intent : past.intent,
		channel: past.channel,
		isReturning: past.isReturning,
		fields: fieldsOf(contact),
		ad: adOf(past, recorded?.ad),
		at,
		teams: Object.fromEntries(states),
		lastTeam,
		custom,
	};
	return { facts, limits: { factsFrom: recorded ? 'recorded' : 'now', textGone } };
}

function adOf({ message, textGone }: PastConversation, ids: string[] | null | undefined) {
	if (!textGone) return adFacts(message?.referral);
	if (ids === undefined) return 'gone';
	return ids === null ? null : { ids, words: null };
}
