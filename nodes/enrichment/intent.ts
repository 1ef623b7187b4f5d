import { findMention } from '../decisions/text';

/** Why a contact may write, in the operator's words. */
export interface Intent {
	name: string;
	/** Words and phrases, in any language. */
	keywords: string[];
	/** For a chat model: what is meant. */
	description: string;
}

export interface FoundIntent {
	intent: string;
	/** From 0 to 1. */
	confidence: number;
	method: 'keywords' | 'chatModel';
	/** Keywords that the text mentions, as the operator wrote them. */
	matched: string[];
}

/** The word by which a chat model says that no intent fits. */
export const NO_INTENT = 'none';

/** How sure one, two, and three or more keywords make. Words alone never make certain. */
const CONFIDENCE = [0, 0.6, 0.8, 0.9];

/**
 * The intent with the most different keywords in the text; of equal ones the first in the list. The
 * confidence is 0.6 with one keyword, 0.8 with two and 0.9 with more, and half of that where another
 * intent has as many.
 *
 * @returns null where no keyword is mentioned
 */
export function intentByKeywords(text: string, intents: readonly Intent[]): FoundIntent | null {
	const matches = intents.map(({ name, keywords }) => ({
		name,
		// Whatever is written twice counts once, also with other capitals.
		matched: distinct(keywords).filter((keyword) => findMention(text, [keyword]) !== null),
	}));
	const most = Math.max(0, ...matches.map(({ matched }) => matched.length));
	const best = matches.filter(({ matched }) => matched.length === most);
	const [first] = best;
	if (most === 0 || !first) return null;
	const sure = CONFIDENCE[Math.min(most, CONFIDENCE.length - 1)] ?? 0;
	return {
		intent: first.name,
		confidence: best.length > 1 ? sure / 2 : sure,
		method: 'keywords',
		matched: first.matched,
	};
}

/** One of each: keywords that are found in each other are the same word in another spelling. */
function distinct(keywords: readonly string[]): string[] {
	const kept: string[] = [];
	for (const keyword of keywords) {
		const isKnown = kept.some(
			(known) => findMention(known, [keyword]) !== null && findMention(keyword, [known]) !== null,
		);
		if (!isKnown) kept.push(keyword);
	}
	return kept;
}

/**
 * What is wrong with a list of intents, in a sentence for an operator; null where nothing is.
 */
export function intentProblem(intents: readonly Intent[]): string | null {
	const seen = new Set<string>();
	for (const { name } of intents) {
		if (name === '') return "An intent has no name. Enter one under 'Intents'";
		if (name.length > 200) return 'The name of an intent is longer than 200 characters';
		const same = name.toLowerCase();
		if (same === NO_INTENT)
			return `'${name}' cannot be the name of an intent: it stands for no intent`;
		if (seen.has(same)) return `Two intents are called '${name}'. Give each a name of its own`;
		seen.add(same);
	}
	return null;
}
