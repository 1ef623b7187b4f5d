import type { MessageStatus, PlatformNotice } from '../channel';
import { fieldsOf, idOf, listOf, present, textOf, wordOf, type Fields } from '../fields';
import type { PlatformAgent } from '../platform';
import { directionOf, timeOf, type Around } from './message';
import { placeOf, type Place } from './place';

export type NoticeOutcome<T> = { notices: T[] } | { ignored: string } | { malformed: string };

type Change = PlatformNotice['change'];

/** Reads `conversation_status_changed`: only the end of a conversation is a change for us. */
export function readStatusChange(body: Fields, around: Around): NoticeOutcome<PlatformNotice> {
	const status = textOf(changeOf(body, 'status')?.current_value) ?? textOf(body.status);
	if (status !== 'resolved') {
		return { ignored: `the conversation is ${wordOf(status)} now, which ends nothing` };
	}
	const by = performerOf(body);
	return notices([present({ type: 'closed' as const, by: by?.agent })], body, around);
}

/** Reads `conversation_updated`: who and which team has the conversation now. */
export function readUpdate(body: Fields, around: Around): NoticeOutcome<PlatformNotice> {
	const changes: Change[] = [];
	const meta = fieldsOf(body.meta);
	const team = changeOf(body, 'team_id');
	if (team) {
		const id = idOf(team.current_value);
		const card = fieldsOf(meta?.team);
		changes.push({
			type: 'routed',
			team:
				id === undefined
					? null
					: present({ id, name: idOf(card?.id) === id ? textOf(card?.name) : undefined }),
		});
	}
	const assignee = changeOf(body, 'assignee_id');
	if (assignee) {
		const id = idOf(assignee.current_value);
		const card = fieldsOf(meta?.assignee);
		// The card is of the moment of posting, the change of the moment it happened.
		const known = idOf(card?.id) === id ? card : undefined;
		changes.push({ type: 'assigned', agent: id === undefined ? null : agentOf(known, id) });
	}
	if (changes.length === 0) return { ignored: 'neither the agent nor the team has changed' };
	return notices(changes, body, around);
}

function notices(changes: Change[], body: Fields, around: Around): NoticeOutcome<PlatformNotice> {
	const place = placeOf({ ...around, conversation: body });
	if ('missing' in place) return { malformed: place.missing };
	const source = performerOf(body)?.source ?? 'chatwoot';
	// The time of the newest change; `timestamp` is that of the newest message.
	const at = timeOf(wholeSeconds(body.updated_at) ?? body.timestamp, around.now);
	return {
		notices: changes.map((change) => ({
			kind: 'platform',
			channel: 'chatwoot',
			account: place.account,
			at,
			...whereabouts(place),
			change,
			source,
		})),
	};
}

const whereabouts = ({ conversation, contact }: Place) =>
	present({ to: conversation, identities: contact.identities });

/** `updated_at` has fractions of a second. */
const wholeSeconds = (value: unknown) =>
	typeof value === 'number' ? Math.floor(value) : undefined;

/** `changed_attributes` is a list of objects with one key each. */
function changeOf(body: Fields, name: string): Fields | undefined {
	return listOf(body.changed_attributes)
		.map((entry) => fieldsOf(fieldsOf(entry)?.[name]))
		.find((change) => change !== undefined);
}

const agentOf = (card: Fields | undefined, id?: string): PlatformAgent =>
	present({ id: id ?? idOf(card?.id), email: textOf(card?.email), name: textOf(card?.name) });

/** Who did it, where a version of Chatwoot says so; most do not. */
function performerOf(body: Fields): { source: string; agent?: PlatformAgent } | undefined {
	const performer = fieldsOf(body.performer) ?? fieldsOf(fieldsOf(body.meta)?.performer);
	const type = textOf(performer?.type)?.toLowerCase();
	if (!performer || type === undefined) return undefined;
	return type === 'user' ? { source: 'user', agent: agentOf(performer) } : { source: wordOf(type) };
}

const STATUSES = new Set<unknown>(['delivered', 'read', 'failed']);

/** Reads what became of a message of the business, from `message_updated`. */
export function readMessageStatus(message: Fields, around: Around): NoticeOutcome<MessageStatus> {
	const id = idOf(message.id);
	const same = listOf(around.conversation?.messages)
		.map(fieldsOf)
		.find((one) => one !== undefined && idOf(one.id) === id);
	const status = textOf(message.status) ?? textOf(same?.status);
	if (id === undefined || directionOf(message) !== 'outgoing' || !STATUSES.has(status)) {
		return { ignored: 'nothing in it concerns the conversation' };
	}
	const place = placeOf(around);
	if ('missing' in place) return { ignored: `it is a status and ${place.missing}` };
	const failure = status === 'failed' ? failureOf(message) : undefined;
	return {
		notices: [
			present({
				kind: 'status' as const,
				channel: 'chatwoot',
				account: place.account,
				id,
				status: status as MessageStatus['status'],
				at: timeOf(message.updated_at ?? same?.updated_at, around.now),
				failure,
				// Twilio's code for a number that has sent STOP.
				optedOut: failure?.code === '21610' ? ('stop' as const) : undefined,
			}),
		],
	};
}

/** `external_error` is written by the channel behind the inbox, mostly as `<code>: <words>`. */
function failureOf(message: Fields): { code?: string; reason: string } {
	const said = textOf(fieldsOf(message.content_attributes)?.external_error);
	if (said === undefined) return { reason: 'Chatwoot gives no reason' };
	const [, code, words] = /^\(?#?(\d{2,7})\)?\s*[:-]?\s*(.*)$/s.exec(said) ?? [];
	return present({ code, reason: (textOf(words) ?? said).slice(0, 300) });
}
