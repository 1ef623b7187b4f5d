import type { Attachment } from '../channels/channel';

/**
 * What a contact is asked for, and what becomes of the answer. Pure values: the node sends and
 * waits, `checkAnswer` decides.
 */
export type QuestionKind = Question['kind'];

export interface Choice {
	/** What is saved, and what the flow goes on by. */
	value: string;
	/** What the contact reads. */
	title: string;
	/** Other words that mean it. */
	aliases?: string[];
}

export type Question =
	/** Lengths in characters as people count them. */
	| { kind: 'text'; shortest?: number; longest?: number }
	/** One to ten choices. */
	| { kind: 'choice'; choices: Choice[] }
	| { kind: 'number'; least?: number; most?: number; whole?: boolean }
	| {
			kind: 'date';
			/** How people of the place write a date in numbers: 25/12/2026, 12/25/2026, 2026/12/25. */
			order: DateOrder;
			/** IANA name of the zone whose today counts. */
			timeZone: string;
			/** ISO local dates, or `today`. */
			earliest?: string;
			latest?: string;
	  }
	| { kind: 'email' }
	/** ISO 3166-1 alpha-2 of the numbers that are written without a country code. */
	| { kind: 'phone'; defaultCountry?: string }
	/** From 1 to `most`. */
	| { kind: 'rating'; most: number }
	| { kind: 'location' };

export type DateOrder = 'dmy' | 'mdy' | 'ymd';

/** The contact's message, as the store has it. */
export interface Reply {
	text: string;
	type: string;
	attachments: Attachment[];
	choiceId?: string;
}

/** Degrees, as WGS 84 has them. */
export interface Place {
	latitude: number;
	longitude: number;
	name?: string;
	address?: string;
}

export type Checked<Value = string | number | Place> = Valid<Value> | Invalid;

export interface Valid<Value = string | number | Place> {
	valid: true;
	/** A number for numbers and ratings, an ISO date for dates, E.164 for phones. */
	value: Value;
	/** The value as it is saved in a field. */
	text: string;
	/** The one that was chosen. */
	choice?: Choice;
}

export interface Invalid {
	valid: false;
	/** A clause for the operator, after "The answer": "is more than 10". Nothing that the contact wrote. */
	why: string;
}

export const refused = (why: string): Invalid => ({ valid: false, why });
