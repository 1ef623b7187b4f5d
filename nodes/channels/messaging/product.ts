/**
 * Messenger and Instagram share one form of webhook and one way to send (Meta, "Messenger Platform",
 * which is about both). This says in what they differ.
 */
export interface Product {
	/** Key of the channel. */
	channel: 'messenger' | 'instagram';
	/** `object` of its webhooks. */
	object: 'page' | 'instagram';
	/** What is written to, as an operator says it. */
	account: 'page' | 'Instagram account';
	/** A body without `object` is taken too. */
	objectMayMiss: boolean;
	/**
	 * The account may be written with another ID inside of an event than in its entry: Instagram has
	 * an ID for the professional account and one that is made for the app.
	 */
	hasSeveralIds: boolean;
}

export const MESSENGER: Product = {
	channel: 'messenger',
	object: 'page',
	account: 'page',
	objectMayMiss: false,
	hasSeveralIds: false,
};

export const INSTAGRAM: Product = {
	channel: 'instagram',
	object: 'instagram',
	account: 'Instagram account',
	objectMayMiss: true,
	hasSeveralIds: true,
};
