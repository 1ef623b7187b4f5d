import type { LinkAction } from '../store/operations/agentLinksToken';
import type { LinkResult, LinkState } from '../store/operations/agentLinks';

/** What a page says. */
export interface Words {
	title: string;
	text: string;
	/** On the button that does it; without one there is nothing to do. */
	button?: string;
}

interface ActionWords {
	question: string;
	/** What will happen. */
	means: string;
	button: string;
	done: string;
}

const HOUR = 60;

/** In the largest unit that fits without a rest. @param milliseconds whole minutes */
export function duration(milliseconds: number): string {
	const minutes = Math.round(milliseconds / 60_000);
	const [count, unit] =
		minutes % (24 * HOUR) === 0
			? [minutes / (24 * HOUR), 'day']
			: minutes % HOUR === 0
				? [minutes / HOUR, 'hour']
				: [minutes, 'minute'];
	return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const actions: Record<LinkAction, (snoozeFor: number) => ActionWords> = {
	accept: () => ({
		question: 'Take this conversation?',
		means: 'You say that you have it. It stays with you.',
		button: 'Accept',
		done: 'You have accepted the conversation.',
	}),
	decline: () => ({
		question: 'Give this conversation back?',
		means: 'It goes to another agent, or waits for one.',
		button: 'Decline',
		done: 'You have given the conversation back.',
	}),
	close: () => ({
		question: 'Close this conversation?',
		means: 'It is resolved. The next message of the contact opens a new one.',
		button: 'Close conversation',
		done: 'The conversation is closed.',
	}),
	snooze: (snoozeFor) => ({
		question: 'Put this conversation aside?',
		means: `It comes back to you in ${duration(snoozeFor)}, or as soon as the contact writes.`,
		button: `Snooze for ${duration(snoozeFor)}`,
		done: `The conversation is put aside for ${duration(snoozeFor)}.`,
	}),
	away: () => ({
		question: 'Are you away?',
		means: 'You get no new conversations until you are back. Those you have stay with you.',
		button: 'I am away',
		done: 'You are away now.',
	}),
	back: () => ({
		question: 'Are you back?',
		means: 'You are online, and get conversations again.',
		button: 'I am back',
		done: 'You are back: you are online now.',
	}),
};

const NOTHING = 'Nothing was changed.';

const refusals: Record<Exclude<LinkState, 'ready' | 'done'>, Words> = {
	invalid: {
		title: 'This link does not work',
		text: `It is not complete, or it is not one of ours. Open it from the message again, or copy the whole link. ${NOTHING}`,
	},
	expired: {
		title: 'This link is too old',
		text: `Links work only for a while. ${NOTHING} The next message about the conversation has new ones.`,
	},
	used: {
		title: 'This link was used already',
		text: `Each link works once, and this one has done what it says. ${NOTHING}`,
	},
	superseded: {
		title: 'You do not have this conversation any more',
		text: `Somebody else has it by now, or it waits for somebody. ${NOTHING}`,
	},
	closed: {
		title: 'This conversation is closed',
		text: `There is nothing left to do. ${NOTHING} The next message of the contact opens a new one.`,
	},
	gone: {
		title: 'There is nothing to do here any more',
		text: `The conversation or the agent of this link is no longer there. ${NOTHING}`,
	},
};

/** What the page of a link says, before and after the button. */
export function wordsOf({ state, action, snoozeFor = 60 * 60_000 }: LinkResult): Words {
	if (action === undefined || (state !== 'ready' && state !== 'done')) {
		return refusals[state === 'ready' || state === 'done' ? 'invalid' : state];
	}
	const { question, means, button, done } = actions[action](snoozeFor);
	return state === 'ready'
		? { title: question, text: means, button }
		: { title: done, text: 'You can close this page.' };
}

/** The HTTP status of each page (RFC 9110, section 15). */
export const STATUS: Record<LinkState, number> = {
	ready: 200,
	done: 200,
	invalid: 403,
	expired: 410,
	used: 410,
	superseded: 409,
	closed: 409,
	gone: 410,
};

export const TOO_LARGE: Words = {
	title: 'This is more than a link says',
	text: `Open the link from the message again. ${NOTHING}`,
};

export const UNAVAILABLE: Words = {
	title: 'This does not work at the moment',
	text: `Please try again in a minute. ${NOTHING}`,
};

export const TEST_ADDRESS: Words = {
	title: 'Links of agents will lead here',
	text: 'This is the address for tests. Publish the workflow: the items of Conversation Event then have links to its production address. The test run has a sample. Nothing was changed.',
};
