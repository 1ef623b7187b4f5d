import type { ConversationStore } from '../../../nodes/store/store';
import { sql } from '../../../nodes/vendor';
import { until } from '../../host/waiting';

/** A team with so many agents of so much capacity, all online. */
export async function staff(
	store: ConversationStore,
	team: string,
	agents: number,
	capacity: number,
): Promise<void> {
	await store.upsertTeam({ key: team, name: team });
	for (let number = 1; number <= agents; number++) {
		await store.upsertAgent({
			key: `${team}-${number}`,
			name: `Agent ${number}`,
			teams: [team],
			capacity,
			availability: 'online',
			source: 'api',
		});
	}
}

/** Open conversations of each agent, fewest first, as the rows say (not the counters). */
export async function loads(store: ConversationStore): Promise<number[]> {
	const { rows } = await sql<{ n: number }>`
		select count(*) as n from conversations
		where assignee_key is not null and status = 'open' and workspace = ${store.workspace}
		group by assignee_key order by n`.execute(store.engine.db);
	return rows.map(({ n }) => Number(n));
}

/** How many conversations have more than `most` events of this type. */
export async function withMoreEvents(
	store: ConversationStore,
	type: string,
	most: number,
): Promise<number> {
	const { rows } = await sql<{ n: number }>`
		select count(*) as n from (
			select conversation_id from events
			where type = ${type} and workspace = ${store.workspace}
			group by conversation_id having count(*) > ${most}) as many`.execute(store.engine.db);
	return Number(rows[0]?.n ?? 0);
}

/** Resolves when every delivery is finished. */
export async function settled(store: ConversationStore, timeout = 240_000): Promise<void> {
	await until(
		async () => {
			const { deliveries } = await store.countEverything();
			const owed = (deliveries.pending ?? 0) + (deliveries.claimed ?? 0);
			return owed + (deliveries.watched ?? 0) === 0 ? true : undefined;
		},
		{ what: 'every delivery to be finished', timeout, interval: 500 },
	);
}
