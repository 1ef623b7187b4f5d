import { isStoreError } from '../store/errors';

/** Why a source failed, in a sentence for an operator: without secrets and without a customer's text. */
export class SourceFailure extends Error {
	/**
	 * @param passes whether it is likely to be over soon, so that what was known before may stand in
	 */
	constructor(
		message: string,
		readonly passes = false,
		/** Of the network, where it has one. */
		readonly code?: string,
	) {
		super(message);
		this.name = 'SourceFailure';
	}
}

/** For `throw sourceFailure(…)`: reads as one line where it is thrown. */
export const sourceFailure = (...said: ConstructorParameters<typeof SourceFailure>) =>
	new SourceFailure(...said);

/** What the item may say about an error. Words that are not ours stay out: they may quote anything. */
export function reasonOf(error: unknown): string {
	if (error instanceof SourceFailure) return error.message;
	if (isStoreError(error)) return `${error.message}. ${error.hint}`;
	return 'This source failed in a way that was not expected. Please report it at the package’s issue page';
}
