import type { Selectable } from '../../../nodes/vendor';
import type { Database } from '../../../nodes/store/schema';
import type { ConversationStore } from '../../../nodes/store/store';

type Row<T extends keyof Database> = Selectable<Database[T]>;

export interface EventFact extends Omit<Row<'events'>, 'data'> {
	data: {
		agent?: string;
		team?: string | null;
		action?: string;
		/** Of what was done on a platform. */
		origin?: string;
		/** What brought it back from the agent. */
		returned?: string;
		/** How often it had come back when it escalated. */
		returns?: number;
		/** What an agent counted as, and counts as from then on. */
		from?: string | null;
		to?: string | null;
		/** The wait that nobody came for in time. */
		wait?: string;
		decision?: {
			strategy: string;
			via: string | null;
			allWereCandidates: boolean;
			considered: unknown[];
		} | null;
	};
}

/** An agent with what it has open and the teams it belongs to. */
export interface AgentFact extends Row<'agents'> {
	units: number;
	lastAssignedAt: number | null;
	teams: string[];
}

/** What the tables of a workspace say at one moment: read past the operations, which could be wrong. */
export interface Facts {
	conversations: Map<string, Row<'conversations'>>;
	/** In the order of their ids. */
	events: EventFact[];
	/** By the channel's own id. */
	messages: Map<string, Row<'messages'>>;
	/** Identity, as `channel:id`, to the contact that it belongs to. */
	identities: Map<string, string>;
	contacts: Map<string, Row<'contacts'>>;
	agents: Map<string, AgentFact>;
	teams: Set<string>;
	turns: Array<Row<'turns'>>;
	subscriptions: Array<Row<'subscriptions'>>;
	/** In the order of their ids. */
	deliveries: Array<Row<'deliveries'>>;
	waits: Map<string, Row<'waits'>>;
}

/** Nothing may happen meanwhile: this is read table by table. */
export async function readFacts({ engine, workspace }: ConversationStore): Promise<Facts> {
	const all = async <T extends keyof Database>(table: T) =>
		(await engine.db
			.selectFrom(table as 'events')
			.selectAll()
			.where('workspace', '=', workspace)
			.execute()) as unknown as Array<Row<T>>;
	const [conversations, events, messages, identities, contacts, subscriptions] = await Promise.all([
		all('conversations'),
		all('events'),
		all('messages'),
		all('identities'),
		all('contacts'),
		all('subscriptions'),
	]);
	const [agents, loads, members, teams, turns] = await Promise.all([
		all('agents'),
		all('agent_loads'),
		all('team_members'),
		all('teams'),
		all('turns'),
	]);
	// By what is indexed: with thousands of sequences in one store, the workspace alone is not.
	const ids = (rows: Array<{ id: string }>) => ['none', ...rows.map(({ id }) => id)];
	const [deliveries, waits] = await Promise.all([
		engine.db
			.selectFrom('deliveries')
			.selectAll()
			.where('subscription_id', 'in', ids(subscriptions))
			.execute(),
		engine.db
			.selectFrom('waits')
			.selectAll()
			.where('conversation_id', 'in', ids(conversations))
			.execute(),
	]);
	return {
		conversations: by(conversations, ({ id }) => id),
		events: events.sort(byId).map((row) => ({
			...row,
			data: JSON.parse(row.data) as EventFact['data'],
		})),
		messages: by(messages, (row) => row.channel_message_id),
		identities: new Map(
			identities.map((row) => [`${row.channel}:${row.external_id}`, row.contact_key]),
		),
		contacts: by(contacts, ({ key }) => key),
		agents: by(
			agents.map((agent) => {
				const load = loads.find((row) => row.agent_key === agent.key);
				return {
					...agent,
					units: load?.open_units ?? 0,
					lastAssignedAt: load?.last_assigned_at ?? null,
					teams: members
						.filter((member) => member.agent_key === agent.key)
						.map((member) => member.team_key)
						.sort(),
				};
			}),
			({ key }) => key,
		),
		teams: new Set(teams.map(({ key }) => key)),
		turns,
		subscriptions,
		deliveries: deliveries.sort(byId),
		waits: by(waits, ({ id }) => id),
	};
}

const by = <R>(rows: R[], key: (row: R) => string) => new Map(rows.map((row) => [key(row), row]));

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

export const openOnes = (facts: Facts) =>
	[...facts.conversations.values()].filter(({ status }) => status !== 'closed');
