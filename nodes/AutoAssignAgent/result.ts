import type { IDataObject } from 'n8n-workflow';
import type { AssignConversationResult } from '../store/operations/assignConversation';
import type { WaitView } from '../store/operations/waits/group';
import type { ConversationItem } from '../store/views';
import type { Outcome } from './outputs';

const WHY_ENDED: Record<string, string> = {
	assignedElsewhere: 'Somebody has it on the platform who is no agent here',
	closed: 'The conversation was closed',
	flowGone: 'The flow could not be reached',
	unassigned: 'It was taken out of the queue, for a person to assign',
};

/** Where a conversation stands in its queue. */
function placeOf({ queue }: ConversationItem['conversation']) {
	return {
		position: queue?.position ?? null,
		expectedWaitSeconds: queue?.expectedWaitSeconds ?? null,
	};
}

const hadAgent = ({ assignee }: ConversationItem['conversation']) =>
	`${assignee?.name ?? 'An agent'} had the conversation already`;

/** The item's `assignment` of what was decided just now. */
export function assignmentOf(
	{ outcome, alreadyAssigned, decision, conversation }: AssignConversationResult,
	{ dryRun = false } = {},
): IDataObject {
	return {
		outcome,
		alreadyAssigned,
		...(dryRun ? { dryRun } : {}),
		explanation: decision?.explanation ?? hadAgent(conversation),
		why: null,
		waitedSeconds: 0,
		...placeOf(conversation),
		...(decision ?? {}),
	} as unknown as IDataObject;
}

/** The item's `assignment` after a wait, with the decision of whoever ended it. */
export function assignmentAfter(wait: WaitView): IDataObject {
	const { assigned, item } = wait;
	const { conversation } = item;
	const outcome = outcomeOf(wait);
	const alreadyAssigned = wait.result.alreadyAssigned === true;
	const why =
		outcome === 'timedOut'
			? 'Nobody was free within the maximum wait; the conversation keeps its place in the queue'
			: outcome === 'ended'
				? (WHY_ENDED[String(wait.result.reason)] ?? null)
				: null;
	const atFirst = String(wait.question.explanation ?? '');
	return {
		outcome,
		alreadyAssigned,
		explanation: alreadyAssigned ? hadAgent(conversation) : (assigned?.reason ?? why ?? atFirst),
		why,
		waitedSeconds: Math.round(wait.waited / 1000),
		...placeOf(conversation),
		...(alreadyAssigned ? {} : (assigned?.decision ?? {})),
		...(assigned ? {} : { blockedBy: wait.question.blockedBy ?? null }),
	} as unknown as IDataObject;
}

/** Nobody was to wait for it: it goes on as one that is queued. */
export function outcomeOf({ outcome, result }: WaitView): Outcome {
	if (outcome === 'timedOut') return result.atOnce === true ? 'queued' : 'timedOut';
	return outcome === 'assigned' ? 'assigned' : 'ended';
}

/** The item's `assignment` of a conversation that was taken off its agent. */
export function unassignmentOf({ conversation }: ConversationItem): IDataObject {
	const { queue } = conversation;
	return {
		outcome: queue ? 'queued' : 'unassigned',
		alreadyAssigned: false,
		explanation: queue
			? 'Nobody has the conversation; the next free agent gets it'
			: 'Nobody has the conversation; it waits for a person to assign it',
		why: null,
		waitedSeconds: 0,
		...placeOf(conversation),
	};
}
