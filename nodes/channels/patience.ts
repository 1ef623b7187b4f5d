import { ChannelError, isChannelError } from './errors';
import type { Call, HttpAnswer, HttpCall } from './http';
import type { RetryAfter } from './sending';

/** Tries of one call, the first included. */
const TRIES = 4;

/** Nobody waits longer than this for a provider inside one call. Milliseconds. */
const LONGEST_PAUSE = 30_000;

export interface Patience {
	/** Waits; tests do not. */
	pause(milliseconds: number): Promise<void>;
	/** The provider's own way of asking for patience, beside the header. */
	retryAfter?: RetryAfter;
}

/**
 * Makes each call again where that can help and does no harm:
 *
 * - the provider asks for patience (429, or 503 with `Retry-After`): it did nothing, whatever the call
 * - it could not be reached at all: the same
 * - it has a fault (5xx), or no answer came: only if doing the call twice is doing it once
 *
 * Gives up with the last answer, or with what went wrong.
 */
export function patient(once: Call, { pause, retryAfter }: Patience): Call {
	return async (call) => {
		for (let tried = 1; ; tried++) {
			const wait = (asked?: number) => asked ?? 1000 * 2 ** (tried - 1);
			let milliseconds: number;
			try {
				const answer = await once(call);
				// Some say it in their own words, with a status that means something else elsewhere.
				const own = retryAfter?.(answer);
				const asked = own ?? retryAfterHeader(answer);
				if (own === undefined && !worthAnother(call, answer, asked)) return answer;
				milliseconds = wait(asked);
				if (tried >= TRIES || milliseconds > LONGEST_PAUSE) return answer;
			} catch (error) {
				if (!isChannelError(error) || tried >= TRIES) throw error as Error;
				const again =
					error.failure === 'unavailable' || (error.failure === 'unclear' && isRepeatable(call));
				if (!again) throw error as ChannelError;
				milliseconds = wait(error.retryAfter);
			}
			await pause(milliseconds);
		}
	};
}

function worthAnother(call: HttpCall, { status }: HttpAnswer, asked: number | undefined): boolean {
	if (status === 429 || (status === 503 && asked !== undefined)) return true;
	return status >= 500 && isRepeatable(call);
}

const isRepeatable = ({ method, repeatable }: HttpCall) =>
	repeatable ?? (method !== 'POST' && method !== 'PATCH');

/** Seconds or a date (RFC 9110, 10.2.3), as milliseconds from the answer's own date. */
function retryAfterHeader({ headers }: HttpAnswer): number | undefined {
	const value = headers['retry-after'];
	if (value === undefined) return undefined;
	if (/^\d+(\.\d+)?$/.test(value.trim())) return Math.ceil(Number(value) * 1000);
	const until = Date.parse(value);
	const answered = Date.parse(headers.date ?? '');
	return Number.isNaN(until) || Number.isNaN(answered) ? undefined : Math.max(0, until - answered);
}
