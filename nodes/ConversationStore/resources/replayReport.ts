import type { IDataObject } from 'n8n-workflow';
import type { RoutingCondition } from '../../decisions/contracts';
import type { ReplaySummary } from '../../decisions/routingReplay';
import type { PastPolicy } from '../../RouteToTeam/pastPolicy';
import type { Replay, Replayed, ReplayPeriod } from '../../RouteToTeam/replay';

/** One conversation: what happened, what would have, and how certain that is. */
export function replayItem({ past, ...replayed }: Replayed): IDataObject {
	const { happened, wouldGo, differs, undecided, factsFrom, textGone, assumedOnline } = replayed;
	const { routed, editedAt } = past;
	return {
		conversationId: past.id,
		openedAt: new Date(past.openedAt).toISOString(),
		channel: past.channel,
		contactKey: past.contact.key,
		happened: { ...happened },
		movedTo: past.team === happened.team ? null : past.team,
		wouldGo: wouldGo && { ...wouldGo },
		...{ differs, undecided, factsFrom, textGone, assumedOnline },
		messageEdited: editedAt !== null && editedAt > (routed?.at ?? past.openedAt),
		neverRouted: routed === null,
	};
}

/** All of the period in one item. */
export async function replaySummary(
	replay: Replay,
	period: ReplayPeriod,
	tried: PastPolicy,
): Promise<IDataObject> {
	await replay.count(period);
	const counted = replay.tally.summary();
	return {
		openedAfter: new Date(period.openedFrom).toISOString(),
		openedBefore: new Date(period.openedBefore).toISOString(),
		...(counted as unknown as IDataObject),
		neverRouted: replay.neverRouted,
		missingTeams: replay.missing,
		notes: notesOf(counted, replay, tried),
	};
}

/** What a reader must know before trusting the figures. */
function notesOf(
	{ conversations: all, textGone, assumedOnline, factsRecorded }: ReplaySummary,
	{ missing, neverRouted }: Replay,
	{ policy, custom }: PastPolicy,
): string[] {
	const asks = (type: RoutingCondition['type']) =>
		policy.rules.some(({ conditions }) => conditions.some((each) => each.type === type));
	const notes: Array<[unknown, string]> = [
		[missing.length, `These teams do not exist: ${missing.join(', ')}`],
		[
			textGone,
			`${textGone} first messages are no longer there: rules about words, ads or links cannot be judged for them`,
		],
		[
			all - factsRecorded,
			`For ${all - factsRecorded} conversations language, country, tags and intent are as they are now, since nothing was recorded with their routing`,
		],
		[asks('field') || custom.length, 'Fields of contacts are as they are now'],
		[
			asks('hours') || policy.overflow !== 'keep',
			'Business hours and overflow teams are as they are set now',
		],
		[
			assumedOnline,
			`For ${assumedOnline} conversations nobody recorded who was online: somebody is taken to have been`,
		],
		[
			neverRouted,
			`${neverRouted} conversations were never routed: their team counts as what happened`,
		],
	];
	return notes.flatMap(([applies, note]) => (applies ? [note] : []));
}
