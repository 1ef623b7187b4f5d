import type { PlatformNotice } from '../channel';
import { fieldsOf, millisecondsOf, present, textOf, wordOf, type Fields } from '../fields';
import { accountOf, agentOf, contactOf } from './contact';

export type NoticeOutcome =
	{ notice: PlatformNotice } | { ignored: string } | { malformed: string };

/** Reads `conversation.closed`. */
export function readClosed(body: Fields, now: number): NoticeOutcome {
	const conversation = fieldsOf(body.conversation) ?? {};
	const source = textOf(conversation.closedBySource);
	const change: PlatformNotice['change'] = present({
		type: 'closed' as const,
		category: textOf(conversation.category),
		summary: textOf(conversation.summary),
		by: agentOf(conversation.closedBy),
	});
	return noticeOf(body, change, {
		source: source === undefined ? 'respondio' : wordOf(source),
		at: millisecondsOf(conversation.closedTime, now),
	});
}

/** Reads `contact.assignee.updated`, which says neither who did it nor when. */
export function readAssignee(body: Fields, now: number): NoticeOutcome {
	const card = fieldsOf(body.contact);
	if (card && !('assignee' in card)) return { ignored: 'it does not say who the assignee is' };
	const agent = agentOf(card?.assignee) ?? null;
	return noticeOf(body, { type: 'assigned', agent }, { source: 'respondio', at: now });
}

function noticeOf(
	body: Fields,
	change: PlatformNotice['change'],
	{ source, at }: { source: string; at: number },
): NoticeOutcome {
	const whom = contactOf(body);
	if (!whom) return { malformed: 'names no contact' };
	const { identities, replyTo } = whom.contact;
	return {
		notice: present({
			kind: 'platform' as const,
			channel: 'respondio',
			account: accountOf(body),
			at,
			to: replyTo,
			identities,
			change,
			source,
		}),
	};
}
