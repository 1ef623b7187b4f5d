import { ChannelError } from '../errors';
import { fieldsOf, present, textOf, type Fields } from '../fields';
import { baseUrlOf, type HttpAnswer } from '../http';
import { FAULT, GRAPH_MEANINGS, PERMISSION, type GraphMeaning } from './graphErrors';

/**
 * What the channels that send through Meta's Graph API share: where it is, and what its errors mean.
 */

/** The Graph API, at the version that these channels were written for. */
export const GRAPH_URL = 'https://graph.facebook.com/v25.0';

/** The credential's Base URL, or Meta's own address; without a slash at its end. */
export const graphUrlOf = (settings: Fields): string => baseUrlOf(settings.baseUrl, GRAPH_URL);

/** Longest passage of Meta's words in an error, in characters. */
const LONGEST_WORDS = 250;

/** Nothing that is longer is an explanation of Meta. */
const LONGEST_EXPLANATION = 2000;

/**
 * What the Graph API said no to (`{"error": {"code", "error_subcode", "message", "error_data"}}`),
 * as an error for an operator. For any answer that is not 2xx.
 */
export function graphFailure(answer: HttpAnswer): ChannelError {
	const error = fieldsOf(fieldsOf(answer.body)?.error);
	const code = codeOf(error?.code);
	const subcode = codeOf(error?.error_subcode);
	const meaning = meaningOf(code, subcode) ?? meaningOfStatus(answer, error !== undefined);
	const words = meaning.words && error ? wordsOf(error) : undefined;
	return new ChannelError(
		meaning.failure,
		words === undefined ? meaning.message : `${meaning.message}: ${words}`,
		meaning.hint,
		present({
			providerCode: code === undefined ? undefined : subcode ? `${code}/${subcode}` : code,
			retryAfter: graphRetryAfter(answer),
			optOut: meaning.optOut,
		}),
	);
}

/** Meta took a call and did not say which message came of it. */
export const graphUnclear = (): ChannelError =>
	new ChannelError(
		'unclear',
		'Meta answered without the ID of the message',
		'Look in the chat whether the message is there before you send it again. If a Base URL is set in the credential, look whether it passes on the answers of Meta.',
	);

/** What an error code of Meta means, also where it comes in a webhook. */
export function meaningOf(code: unknown, subcode?: unknown): GraphMeaning | undefined {
	const number = codeOf(code);
	if (number === undefined) return undefined;
	const known = (key: string) =>
		Object.hasOwn(GRAPH_MEANINGS, key) ? GRAPH_MEANINGS[key] : undefined;
	// "200-299: API permission" (Graph API, "Handle errors").
	return (
		known(`${number}.${codeOf(subcode)}`) ??
		known(number) ??
		(/^2\d\d$/.test(number) ? PERMISSION : undefined)
	);
}

/** An answer whose code says nothing, or that is not Meta's at all. */
function meaningOfStatus({ status }: HttpAnswer, fromMeta: boolean): GraphMeaning {
	if (status === 401 || status === 403) return PERMISSION;
	if (status === 429) return GRAPH_MEANINGS['4']!;
	// A gateway that gave up does not know whether Meta has done it.
	if (status >= 500 && status !== 503 && !fromMeta) {
		return {
			failure: 'unclear',
			message: `No answer came from Meta (HTTP ${status})`,
			hint: 'Look in the chat whether the message is there before you send it again.',
		};
	}
	if (status >= 500) return FAULT;
	return {
		failure: status === 404 ? 'notFound' : 'rejected',
		message: `Meta refused the call (HTTP ${status})`,
		hint: fromMeta
			? 'Look up the code in the error codes of the Graph API.'
			: 'The answer is not one of the Graph API: look whether the Base URL in the credential is right.',
		words: true,
	};
}

/** A number, or a text of digits. */
export function codeOf(value: unknown): string | undefined {
	const code = typeof value === 'number' ? String(value) : textOf(value);
	return code !== undefined && /^\d{1,9}$/.test(code) ? code : undefined;
}

/**
 * Meta's explanation, without what might be a customer's: passages in quotes, phone numbers and IDs,
 * addresses, and anything that is not ASCII, since Meta explains in English.
 */
export function wordsOf(error: Fields): string | undefined {
	const said =
		textOf(fieldsOf(error.error_data)?.details) ?? textOf(error.message) ?? textOf(error.title);
	if (said === undefined || said.length > LONGEST_EXPLANATION) return undefined;
	const words = said
		.replace(/[^\x20-\x7e]+/g, '…')
		.replace(/\bhttps?:\/\/\S+/gi, '…')
		.replace(/(["`])((?:(?!\1).)*)\1/g, (whole, _mark, inside: string) => quoted(whole, inside))
		.replace(/(?<![\w)\]])'([^']*)'/g, (whole, inside: string) => quoted(whole, inside))
		.replace(/\+?\d{6,}/g, '…')
		.replace(/…(?:\s*…)+/g, '…')
		.slice(0, LONGEST_WORDS)
		.trim();
	return words === '' ? undefined : words;
}

/** The name of a parameter (`text['body']`, `messaging_product`) may stay. */
const quoted = (whole: string, inside: string) => (PARAMETER.test(inside) ? whole : '"…"');

const PARAMETER =
	/^(?:to|recipient|type|text|body|caption|image|video|audio|document|link|id|file|template|language|code|interactive|action|button|buttons|header|title|name|[a-z]+(?:[_.][a-z0-9]+|\[\w*\])+)$/;

/**
 * How long Meta asks to wait, in milliseconds. Graph API, "Rate limits": the headers
 * `X-Business-Use-Case-Usage` and `X-App-Usage` hold `estimated_time_to_regain_access` in minutes, at
 * any depth. They come with each answer, so only a refusal because of a limit counts.
 */
export function graphRetryAfter(answer: HttpAnswer): number | undefined {
	const code = fieldsOf(fieldsOf(answer.body)?.error)?.code;
	if (answer.status !== 429 && meaningOf(code)?.failure !== 'rateLimited') return undefined;
	const usage = answer.headers['x-business-use-case-usage'] ?? answer.headers['x-app-usage'] ?? '';
	const minutes = [...usage.matchAll(/"estimated_time_to_regain_access"\s*:\s*(\d{1,5})/g)];
	const longest = Math.max(0, ...minutes.map(([, number]) => Number(number)));
	return longest === 0 ? undefined : longest * 60_000;
}
