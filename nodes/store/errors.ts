/**
 * The store's named errors. `message` says what happened, `hint` what to do about it; both are
 * written for an operator and never hold a secret or a customer's text.
 */
export type StoreErrorCode =
	| 'StoreUnavailable'
	| 'StoreTooNew'
	| 'InvalidInput'
	| 'ConversationNotFound'
	| 'NoOpenConversation'
	| 'ConversationClosed'
	| 'NoAddress'
	| 'ContactNotFound'
	| 'TeamNotFound'
	| 'TeamInUse'
	| 'AgentNotFound'
	| 'NotAssignedToAgent'
	| 'CategoryNotFound'
	| 'WorkspaceNotEmpty'
	| 'DeliveryNotFound'
	| 'DeliveryNotEnded'
	| 'TriggerGone'
	| 'StoreUnhealthy';

export class StoreError extends Error {
	constructor(
		readonly code: StoreErrorCode,
		message: string,
		readonly hint: string,
		options?: { cause?: unknown },
	) {
		super(message, options);
		this.name = code;
	}
}

/**
 * Somebody changed, between reading and locking, what an operation decided by. Its transaction is
 * undone and begins again with what is now; it never reaches a caller.
 */
export class TryAgain extends Error {}

/**
 * For `throw asIs(error)`: what was caught goes on unchanged. A cast, since `instanceof` knows only
 * the errors of its own realm.
 */
export const asIs = (error: unknown) => error as Error;

/** For `throw storeError(…)`: reads as one line where it is thrown. */
export function storeError(
	code: StoreErrorCode,
	message: string,
	hint: string,
	cause?: unknown,
): StoreError {
	return new StoreError(code, message, hint, cause === undefined ? undefined : { cause });
}

export function isStoreError(error: unknown): error is StoreError {
	// Not `instanceof`: after a package update two copies of this class may live in one process.
	// PostgreSQL's own errors have a code and a hint as well.
	return error instanceof Error && 'hint' in error && 'code' in error && error.name === error.code;
}

export const conversationNotFound = (id: string) =>
	storeError(
		'ConversationNotFound',
		`No conversation has the ID '${id}'`,
		'Check that the item comes from Conversation Opened or Open Conversation, and that this node uses the same Conversation Store credential and workspace as they do',
	);

export const conversationClosed = (id: string) =>
	storeError(
		'ConversationClosed',
		`The conversation '${id}' is closed`,
		'It was closed before this node ran. The next message of the contact opens a new conversation; connect this node to that one',
	);

export const teamNotFound = (key: string, known: string[]) =>
	storeError(
		'TeamNotFound',
		`There is no team '${key}'`,
		known.length > 0
			? `Teams in this workspace: ${known.slice(0, 20).join(', ')}. Choose one of them, or create this one with Conversation Store → Team → Create or Update`
			: 'This workspace has no teams yet. Create one with Conversation Store → Team → Create or Update',
	);

export const agentNotFound = (key: string) =>
	storeError(
		'AgentNotFound',
		`There is no agent '${key}'`,
		'Create the agent with Conversation Store → Agent → Create or Update, or choose one from the list',
	);

export const notAssignedToAgent = (id: string, agent: string) =>
	storeError(
		'NotAssignedToAgent',
		`The agent '${agent}' does not have the conversation '${id}'`,
		'Somebody else has it by now, or it went back to the queue. Conversation Store → Conversation → Get tells who has it, and Assign gives it to an agent',
	);

export const contactNotFound = (key: string) =>
	storeError(
		'ContactNotFound',
		`No contact is known as '${key}'`,
		'Give the contact key of an item, a phone number in international form, or an e-mail address that the store knows',
	);

export const deliveryNotFound = (id: string) =>
	storeError(
		'DeliveryNotFound',
		`No delivery has the ID '${id}'`,
		'Take the ID from Conversation Store → Delivery → Get Many, with the same credential. What ended well is removed after 30 days',
	);
