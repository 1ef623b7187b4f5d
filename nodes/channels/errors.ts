import type { OptOutReason } from './channel';

/**
 * - `rejected`: the provider does not take this message or setting, and would not take it again
 * - `unauthorized`: the credential is wrong, expired, or lacks a permission
 * - `windowClosed`: the time in which an answer of this kind is allowed is over
 * - `optedOut`: the contact does not want messages (STOP, unsubscribed, blocked)
 * - `rateLimited`: too many calls, also after waiting
 * - `notFound`: the recipient, chat or account does not exist there
 * - `unavailable`: the provider could not be reached or has a fault; nothing was done
 * - `unclear`: no answer came, so it is not known whether it was done
 */
export type ChannelFailure =
	| 'rejected'
	| 'unauthorized'
	| 'windowClosed'
	| 'optedOut'
	| 'rateLimited'
	| 'notFound'
	| 'unavailable'
	| 'unclear';

/**
 * What a channel could not do. `message` says what happened, `hint` what to do about it, both for
 * an operator, without secrets and without a customer's text. `message` has no full stop at its end.
 */
export class ChannelError extends Error {
	/** The provider's own code, where it gave one. */
	readonly providerCode?: string;
	/** When to try again, in milliseconds from now, where the provider said so. */
	readonly retryAfter?: number;

	/** With `optedOut`: what the contact wants none of, where it is not all messages. */
	readonly optOut?: OptOutReason;

	constructor(
		readonly failure: ChannelFailure,
		message: string,
		readonly hint: string,
		more: {
			providerCode?: string;
			retryAfter?: number;
			optOut?: OptOutReason;
			cause?: unknown;
		} = {},
	) {
		// Words of a provider may stand at its end; what comes after it brings its own full stop.
		super(
			message.trimEnd().replace(/\.$/, ''),
			more.cause === undefined ? undefined : { cause: more.cause },
		);
		this.name = 'ChannelError';
		if (more.providerCode !== undefined) this.providerCode = more.providerCode;
		if (more.optOut !== undefined) this.optOut = more.optOut;
		if (more.retryAfter !== undefined) this.retryAfter = more.retryAfter;
	}
}

/** Not `instanceof`: after a package update two copies of the class may live in one process. */
export const isChannelError = (error: unknown): error is ChannelError =>
	error instanceof Error && error.name === 'ChannelError' && 'failure' in error;
