import { intentByKeywords, intentProblem, type FoundIntent } from '../enrichment/intent';
import { askForIntent, type ChatModel } from '../enrichment/intentModel';
import { sourceFailure } from './failure';
import type { Found, Source } from './sources';

/**
 * Why the contact writes: by the chat model where one is connected, by keywords where there is none,
 * where it fails or is not sure, or where the operator wants them first.
 */
export const intent: Source = async ({ message }, { intent: settings }, { access, ...tools }) => {
	const { intents, by, leastConfidence } = settings;
	if (intents.length === 0) {
		throw sourceFailure("There are no intents to choose from. Add them under 'Intents'");
	}
	const problem = intentProblem(intents);
	if (problem !== null) throw sourceFailure(problem);
	const text = message?.text ?? '';
	if (text.trim() === '') return { output: null };
	const byKeywords = foundOf(intentByKeywords(text, intents));
	if (by === 'keywordsFirst' && byKeywords.output) return byKeywords;
	tools.otherwise(byKeywords);
	const model = await modelOf(access.model);
	if (!model) {
		if (intents.some(({ keywords }) => keywords.length > 0)) return byKeywords;
		throw sourceFailure(
			'None of the intents has keywords, and no chat model is connected, so none can be recognised. Enter keywords, or connect a chat model',
		);
	}
	const answer = await answerOf(async () => await askForIntent(model, text, intents, tools.signal));
	const { intent: name, confidence } = answer;
	if (confidence < leastConfidence) {
		const reason = `The chat model was not sure enough (${confidence} of at least ${leastConfidence})`;
		return { ...byKeywords, reason };
	}
	if (name === null) return { output: null, reason: 'The chat model says that no intent fits' };
	return foundOf({ intent: name, confidence, method: 'chatModel', matched: [] });
};

const foundOf = (found: FoundIntent | null): Found =>
	found ? { output: { ...found }, intent: found.intent } : { output: null };

async function modelOf(model: () => Promise<ChatModel | undefined>) {
	try {
		return await model();
	} catch {
		throw sourceFailure(
			'The connected chat model cannot be used. Open it, and check its credential and settings',
			true,
		);
	}
}

/** What a model's provider says in an error may quote the message, so it is not repeated. */
async function answerOf<T>(ask: () => Promise<T | null>): Promise<T> {
	let answer: T | null;
	try {
		answer = await ask();
	} catch {
		throw sourceFailure('The chat model failed. Its own entry in the execution says why', true);
	}
	if (answer === null) {
		throw sourceFailure('The chat model answered something else than an intent', true);
	}
	return answer;
}
