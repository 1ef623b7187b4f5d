import type { Question } from '../questions/contracts';
import type { KeptRun } from '../runtime/waiting/items';

/** Where an answer is kept. */
export type SaveTo = { to: 'nowhere' | 'intent' | 'tag' } | { to: 'field'; field: string };

/**
 * A question as it waits in the store: all that is needed to check an answer and to ask once more,
 * since the flow's own values are not at hand then.
 */
export interface QuestionSpec extends KeptRun {
	question: Question;
	/** The operator's words, without the choices. */
	prompt: string;
	/** What stands before it when it is asked again; empty: a sentence in the contact's language. */
	retryText: string;
	/** How often it may be asked again. */
	again: number;
	/** Milliseconds. */
	waitFor: number;
	save: SaveTo;
	/** The answer takes the place of the item's message. */
	goOnWithAnswer: boolean;
	listLabel: string;
}
