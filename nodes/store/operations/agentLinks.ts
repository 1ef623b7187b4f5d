import { isStoreError } from '../errors';
import type { LinkSettings } from '../eventFilter';
import { realWorkspaceOf, type Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { isAboutAgent, linkActions, Superseded, workspaceOfLink } from './agentLinksActions';
import { agentLinksUrl } from './agentLinksAddress';
import { knownLinkKey, linkKey } from './agentLinksKey';
import {
	LINK_ACTIONS,
	looksLikeLink,
	nonceOf,
	signLink,
	verifyLink,
	type LinkAction,
	type LinkClaims,
} from './agentLinksToken';
import type { ConversationRow } from './conversations';

const HOUR = 60 * 60_000;

export const DEFAULT_LINKS: LinkSettings = { lifetime: 24 * HOUR, snoozeFor: HOUR };

/** No link works longer, so a use need not be remembered longer. Milliseconds. */
export const LONGEST_LIFETIME = 30 * 24 * HOUR;

/** By action; null for an action that this version does not have. */
export type AgentLinks = Record<LinkAction, string | null>;

/** Makes the links of one or more items; asks once, and only if there is something to make. */
export function linkMaker(operation: Operation) {
	const url = once(async () => await agentLinksUrl(operation));
	const key = once(async () => await linkKey(operation));
	/**
	 * The links for the agent who has the conversation; null where nobody has it, where it is over, and
	 * while no Agent Links trigger is published.
	 *
	 * @param occasion what the links are sent for: those of the same one are used together
	 */
	return async (
		item: Partial<ConversationItem>,
		occasion: string,
		settings: LinkSettings = DEFAULT_LINKS,
	): Promise<AgentLinks | null> => {
		const { conversation } = item;
		if (!conversation?.assignee || conversation.status === 'closed') return null;
		const address = await url();
		if (address === null) return null;
		const agent = conversation.assignee.key;
		const secret = await key();
		const linkTo = (action: LinkAction) => {
			const token = signLink(
				{
					action,
					workspace: workspaceOfLink(operation, action),
					conversation: isAboutAgent(action) ? null : conversation.id,
					agent,
					expiresAt: operation.now + Math.min(settings.lifetime, LONGEST_LIFETIME),
					nonce: nonceOf(secret, occasion, action, agent),
					...(action === 'snooze' ? { snoozeFor: settings.snoozeFor } : {}),
				},
				secret,
			);
			return `${address}?link=${token}`;
		};
		return Object.fromEntries(LINK_ACTIONS.map((action) => [action, linkTo(action)])) as AgentLinks;
	};
}

const once = <T>(ask: () => Promise<T>) => {
	let answer: Promise<T> | undefined;
	return async () => await (answer ??= ask());
};

/**
 * What became of a link, or would:
 *
 * - `ready`: it can be used · `done`: it was used just now
 * - `invalid`: not signed here, or changed on the way · `expired` · `used`: by an earlier click
 * - `superseded`: somebody else has the conversation by now, or nobody
 * - `closed`: the conversation is over · `gone`: conversation or agent are no longer there
 */
export type LinkState =
	'ready' | 'done' | 'invalid' | 'expired' | 'used' | 'superseded' | 'closed' | 'gone';

export interface LinkResult {
	state: LinkState;
	/** Only of a link that was signed here. */
	action?: LinkAction;
	agent?: { key: string; name: string };
	/** What it is about, as it is now; not where it is about the agent alone, or gone. */
	item?: ConversationItem;
	/** For `snooze`. Milliseconds. */
	snoozeFor?: number;
}

/** Says what a link would do; does nothing. */
export async function describeAgentLink(
	operation: Operation,
	input: { token: string },
): Promise<LinkResult> {
	const claims = await validClaims(operation, input.token);
	if (!claims) return { state: 'invalid' };
	if (claims.expiresAt <= operation.now) return await shown(operation, claims, 'expired');
	const used = await operation.tx
		.selectFrom('used_links')
		.select('nonce')
		.where('workspace', '=', operation.workspace)
		.where('nonce', '=', claims.nonce)
		.executeTakeFirst();
	if (used) return await shown(operation, claims, 'used');
	return await shown(operation, claims, await stateOf(operation, claims));
}

/**
 * Does what a link says, and uses it up, in one transaction: of any number of clicks one counts, and
 * one that could not be done uses nothing up.
 *
 * @throws StoreError of the action; {@link stateOfFailure} knows those that have a state
 */
export async function useAgentLink(
	operation: Operation,
	input: { token: string },
): Promise<LinkResult> {
	const claims = await validClaims(operation, input.token);
	if (!claims) return { state: 'invalid' };
	if (claims.expiresAt <= operation.now) return await shown(operation, claims, 'expired');
	// First, so that clicks at once take turns here, before anything else is locked.
	if (!(await useUp(operation, claims))) return await shown(operation, claims, 'used');
	const state = await stateOf(operation, claims);
	const act = linkActions[claims.action];
	if (state !== 'ready') {
		await giveBack(operation, claims);
		return await shown(operation, claims, state);
	}
	await act(operation, {
		conversationId: claims.conversation ?? '',
		agent: claims.agent,
		until: operation.now + (claims.snoozeFor ?? DEFAULT_LINKS.snoozeFor),
	});
	return await shown(operation, claims, 'done');
}

/** What actions refuse, by the code of their error. Everything else is a failure of the store. */
const REFUSED: Record<string, LinkState> = {
	AgentNotFound: 'gone',
	ConversationClosed: 'closed',
	ConversationNotFound: 'gone',
	NotAssignedToAgent: 'superseded',
};

/** What the agent is told of a refusal; it has used nothing up. */
export function stateOfFailure(error: unknown): LinkState | undefined {
	if (error instanceof Superseded) return 'superseded';
	return isStoreError(error) ? REFUSED[error.code] : undefined;
}

/** Work of the pump: a use is remembered for as long as a link could work. */
export async function forgetUsedLinks(operation: Operation): Promise<number> {
	const { numDeletedRows } = await operation.tx
		.deleteFrom('used_links')
		.where('expires_at', '<', operation.now)
		.executeTakeFirstOrThrow();
	return Number(numDeletedRows);
}

/** Nothing is looked up but the key before the signature is right, and it is for this workspace. */
async function validClaims(operation: Operation, token: string): Promise<LinkClaims | undefined> {
	if (!looksLikeLink(token)) return undefined;
	const key = await knownLinkKey(operation);
	const claims = key && verifyLink(token, key);
	return claims?.workspace === operation.workspace ? claims : undefined;
}

async function useUp(operation: Operation, { nonce }: LinkClaims): Promise<boolean> {
	const { numInsertedOrUpdatedRows } = await operation.tx
		.insertInto('used_links')
		.values({
			workspace: operation.workspace,
			nonce,
			used_at: operation.now,
			// Another copy of it may have been made later, and works longer.
			expires_at: operation.now + LONGEST_LIFETIME,
		})
		.onConflict((conflict) => conflict.columns(['workspace', 'nonce']).doNothing())
		.executeTakeFirstOrThrow();
	return Number(numInsertedOrUpdatedRows ?? 0) > 0;
}

async function giveBack(operation: Operation, { nonce }: LinkClaims): Promise<void> {
	await operation.tx
		.deleteFrom('used_links')
		.where('workspace', '=', operation.workspace)
		.where('nonce', '=', nonce)
		.execute();
}

async function stateOf(operation: Operation, claims: LinkClaims): Promise<LinkState> {
	if (!(await agentOf(operation, claims)).exists) return 'gone';
	if (claims.conversation === null) return 'ready';
	const row = await conversationOf(operation, claims.conversation);
	if (!row) return 'gone';
	if (row.status === 'closed') return 'closed';
	return row.assignee_key === claims.agent ? 'ready' : 'superseded';
}

async function shown(
	operation: Operation,
	claims: LinkClaims,
	state: LinkState,
): Promise<LinkResult> {
	const { action, conversation, snoozeFor } = claims;
	const { key, name } = await agentOf(operation, claims);
	const row = conversation === null ? undefined : await conversationOf(operation, conversation);
	return {
		...{ state, action, agent: { key, name } },
		...(row ? { item: await conversationItem(operation, row) } : {}),
		...(snoozeFor === undefined ? {} : { snoozeFor }),
	};
}

/** As it is now; of one that was merged, the one that goes on. */
async function conversationOf(
	operation: Operation,
	id: string,
): Promise<ConversationRow | undefined> {
	const row = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('id', '=', id)
		.where('workspace', '=', operation.workspace)
		.executeTakeFirst();
	return row?.merged_into ? await conversationOf(operation, row.merged_into) : row;
}

async function agentOf(operation: Operation, { agent: key }: LinkClaims) {
	const row = await operation.tx
		.selectFrom('agents')
		.select('name')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('key', '=', key)
		.executeTakeFirst();
	return { key, name: row?.name ?? key, exists: row !== undefined };
}
