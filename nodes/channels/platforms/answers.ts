import { ChannelError, type ChannelFailure } from '../errors';
import { fieldsOf, idOf, textOf } from '../fields';
import type { HttpAnswer } from '../http';

/** What the errors of a platform's interface have in common, and what is particular to a call. */
export interface Circumstances {
	/** The platform as an operator knows it. */
	platform: string;
	/** Where a new token is found. */
	newToken: string;
	/** What cannot be found when it answers 404, and what to do then. */
	missing: { message: string; hint: string };
	/** What was sent and must not be repeated in a log, since a person wrote it. */
	written?: string[];
	/** Whether the call, made twice, does something twice: then a fault leaves it open what was done. */
	once?: true;
}

/** The error that an answer stands for. */
export function errorOf(answer: HttpAnswer, about: Circumstances): ChannelError {
	const { platform } = about;
	const words = wordsOf(answer.body, about.written ?? []);
	const because = words === undefined ? '' : `: ${words}`;
	const error = (failure: ChannelFailure, message: string, hint: string) => {
		const retryAfter = secondsOf(answer.headers['retry-after']);
		return new ChannelError(failure, message, hint, {
			providerCode: idOf(fieldsOf(answer.body)?.code) ?? String(answer.status),
			...(retryAfter === undefined ? {} : { retryAfter }),
		});
	};
	switch (answer.status) {
		case 401:
			return error(
				'unauthorized',
				`${platform} does not accept the token${because}`,
				about.newToken,
			);
		case 402:
			return error(
				'unauthorized',
				`${platform} wants to be paid first${because}`,
				`Look at the plan and the invoices in ${platform}.`,
			);
		case 403:
			return error('unauthorized', `The token may not do this${because}`, about.newToken);
		case 404:
			return error('notFound', `${about.missing.message}${because}`, about.missing.hint);
		case 429:
			return error(
				'rateLimited',
				`${platform} takes no more calls for the moment`,
				'Try again later, and send fewer messages at once.',
			);
	}
	if (answer.status >= 500) {
		// 503 says that nothing was done; behind any other fault it may have been.
		if (about.once && answer.status !== 503) return unclear(platform, `answered ${answer.status}`);
		return error(
			'unavailable',
			`${platform} has a fault at the moment (${answer.status})`,
			'Try again later.',
		);
	}
	return error(
		'rejected',
		`${platform} does not take this${because}`,
		words === undefined
			? `Look in ${platform} whether the conversation can be answered by hand.`
			: `Change what ${platform} names, then try again.`,
	);
}

/** It is not known whether it was done. */
export function unclear(platform: string, how: string): ChannelError {
	return new ChannelError(
		'unclear',
		`${platform} ${how}, so it is not known whether it was done`,
		`Look at the conversation in ${platform} before you try again.`,
	);
}

/** The platform's own words, in one line, unless they hold what a person wrote. */
function wordsOf(body: unknown, written: string[]): string | undefined {
	const fields = fieldsOf(body);
	const nested = fieldsOf(fields?.error);
	const said =
		textOf(fields?.message) ??
		textOf(fields?.error) ??
		textOf(nested?.message) ??
		textOf(fields?.errors);
	const line = said?.replace(/\s+/g, ' ').slice(0, 200);
	const betrays = (text: string) => text.trim() !== '' && line?.includes(text.trim());
	return line === undefined || written.some(betrays) ? undefined : line.replace(/[.\s]+$/, '');
}

function secondsOf(header: string | undefined): number | undefined {
	return header !== undefined && /^\d+(\.\d+)?$/.test(header.trim())
		? Math.ceil(Number(header) * 1000)
		: undefined;
}
