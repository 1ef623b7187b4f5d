import type { PlatformNotice } from '../../../nodes/channels/channel';
import type { PlatformChange } from '../../../nodes/channels/platform';
import type { SubscriberInput } from '../../../nodes/store/operations/subscriptions';
import type { ConversationStore } from '../../../nodes/store/store';
import { assign, message, online, receive, route, trigger } from './samples';

export type Change = PlatformChange['change'];

export const to = (id: string): Change => ({ type: 'assigned', agent: { id } });
export const NOBODY: Change = { type: 'assigned', agent: null };
export const inTeam = (id: string): Change => ({ type: 'routed', team: { id } });

/** A platform, on whose own screens people work, and a trigger that receives from its inbox 7:1. */
export interface Desk {
	/** The subscription by which it is told. */
	teller: string;
	/** A message of the contact; its conversation there has this number. */
	written(who: string, number?: string, account?: string): ReturnType<typeof message>;
	/** The contact's first message; the conversation that it opens. */
	opens(who: string): Promise<string>;
	/** It opens, is routed and assigned (or waits), and the desk knows all that. */
	handled(who: string, team: string): Promise<{ id: string; outcome: 'assigned' | 'queued' }>;
	/** The desk takes all that it is owed: the types of the events, in their order. */
	tell(subscriptionId?: string): Promise<Array<string | undefined>>;
	/** Somebody there changes the contact's conversation. @returns whether it changed it here */
	done(
		who: string,
		change: Change,
		changes?: Partial<PlatformNotice>,
		by?: ConversationStore,
	): Promise<boolean>;
}

export const deskIdentity = (who: string) => ({ channel: 'desk', account: '7', id: who });

export const telling = async (store: ConversationStore, receiving: SubscriberInput) =>
	(await store.subscribe({ ...receiving, kind: 'platform', filter: {} })).id;

/** With the teams `sales` (11 there) and `care` (12), and in each an agent who has room for one. */
export async function openDesk(store: ConversationStore): Promise<Desk> {
	const receiving = trigger({ channel: 'desk', accounts: ['7:1'] });
	await store.subscribe(receiving);
	const teller = await telling(store, receiving);
	await store.upsertTeam({ key: 'sales', handles: { desk: '11' } });
	await store.upsertTeam({ key: 'care', handles: { desk: '12' } });
	await online(store, 'ann', ['sales'], 1);
	await online(store, 'bob@example.com', ['care'], 1);
	await store.upsertAgent({ key: 'ann', handles: { desk: '1' }, source: 'user' });
	const desk: Desk = {
		teller,
		written: (who, number = `of ${who}`, account = '7:1') =>
			message(who, {
				channel: 'desk',
				account,
				contact: { identities: [deskIdentity(who)], replyTo: number },
				sentAt: store.clock(),
			}),
		opens: async (who) => (await receive(store, desk.written(who))).conversationId ?? '',
		async handled(who, team) {
			const id = await desk.opens(who);
			await route(store, id, team);
			const { outcome } = await assign(store, id);
			await desk.tell();
			return { id, outcome };
		},
		async tell(subscriptionId = teller) {
			const owed = await store.claimDeliveries({ subscriptionId, limit: 50 });
			for (const { id } of owed) {
				await store.finishDelivery({ id, outcome: { kind: 'ran', status: 'success' } });
			}
			return owed.map(({ item }) => item?.event?.type);
		},
		async done(who, change, changes = {}, by = store) {
			const { applied } = await by.receiveNotice({
				notice: {
					...{ kind: 'platform', channel: 'desk', account: '7:1', at: store.clock() },
					...{ identities: [deskIdentity(who)], source: 'user', change },
					...changes,
				},
			});
			return applied;
		},
	};
	return desk;
}
