import { randomUUID } from 'node:crypto';
import type { AssignmentStrategy } from '../../../nodes/decisions/contracts';
import type { ConversationStore } from '../../../nodes/store/store';
import { sql } from '../../../nodes/vendor';
import { MINUTE, SECOND, sqliteEngine } from '../../store/support/engines';
import { message, receive, routeTo } from '../../store/support/samples';
import { TEAMS, type Day, type SimulatedAgent, type SimulatedConversation } from './day';
import { Timetable } from './timetable';

/** Skills and language are asked for no longer than this. */
const RELAX_AFTER = 2 * MINUTE;

/** How often the pump works while somebody waits. */
const TICK = 30 * SECOND;

/** What became of a conversation. */
export interface Served {
	conversation: SimulatedConversation;
	agent: string;
	assignedAt: number;
	closedAt: number;
	/** Who of the team could have been given it at that moment, busy or not. */
	present: string[];
}

export interface PlayedDay {
	strategy: AssignmentStrategy;
	/** In the order in which they were assigned. */
	served: Served[];
	/** Conversations that are open, or without an agent, when all is over. */
	lost: number;
	/** How often an agent had more units than its capacity; by own count and by the tables. */
	overCapacity: number;
}

/**
 * Plays a day through a store of its own. The store's clock stands still while an operation runs and
 * jumps to what comes next: a conversation arrives or ends, a shift or a break begins or ends, the
 * pump works. How long an operation takes is of no matter.
 *
 * @param progress is told how many conversations have ended
 */
export async function playDay(
	day: Day,
	strategy: AssignmentStrategy,
	progress: (ended: number) => void = () => {},
): Promise<PlayedDay> {
	const engine = sqliteEngine();
	try {
		const timetable = new Timetable();
		const store = await engine.openStore({ clock: () => timetable.now, workspace: randomUUID() });
		// No power cut is part of the day: waiting for the disk would be most of the time it takes.
		await sql`pragma synchronous = off`.execute(store.engine.db);
		return await new Simulation(day, strategy, store, timetable, progress).play();
	} finally {
		await engine.cleanUp();
	}
}

class Simulation {
	private readonly served: Served[] = [];
	/** Conversation id to what it is. */
	private readonly conversations = new Map<string, SimulatedConversation>();
	private readonly agents: Map<string, SimulatedAgent>;
	private readonly units = new Map<string, number>();
	private lastEvent = '';
	private ended = 0;
	private overCapacity = 0;

	constructor(
		private readonly day: Day,
		private readonly strategy: AssignmentStrategy,
		private readonly store: ConversationStore,
		private readonly timetable: Timetable,
		private readonly progress: (ended: number) => void,
	) {
		this.agents = new Map(day.agents.map((agent) => [agent.key, agent]));
	}

	async play(): Promise<PlayedDay> {
		const { timetable, day } = this;
		timetable.now = (day.conversations[0]?.arrivesAt ?? 0) - MINUTE;
		for (const team of TEAMS) await this.store.upsertTeam({ key: team });
		for (const agent of day.agents) await this.employ(agent);
		for (const conversation of day.conversations) {
			timetable.at(conversation.arrivesAt, async () => await this.arrive(conversation));
		}
		timetable.at(timetable.now + TICK, async () => await this.tick());
		while (this.ended < day.conversations.length && (await timetable.next()));
		return {
			strategy: this.strategy,
			served: this.served,
			lost: await this.countLost(),
			overCapacity: this.overCapacity,
		};
	}

	private async employ(agent: SimulatedAgent): Promise<void> {
		const { key, teams, capacity, skills, languages, shifts } = agent;
		const source = 'user';
		await this.store.upsertAgent({ key, teams, capacity, skills, languages, shifts, source });
		const say = async (availability: 'online' | 'away') => {
			await this.store.setAvailability({ key, availability, onlineUntil: null, source });
			await this.noticeAssigned();
		};
		await say(isPresent(agent, this.timetable.now) ? 'online' : 'away');
		for (const { from, to } of agent.online) {
			this.timetable.at(from, async () => await say('online'));
			this.timetable.at(to, async () => await say('away'));
		}
	}

	private async arrive(conversation: SimulatedConversation): Promise<void> {
		const { number, team, skills, language, weight, priority } = conversation;
		const { conversationId: id } = await receive(this.store, message(`customer ${number}`));
		if (id === null) throw new Error(`Conversation ${number} did not open`);
		this.conversations.set(id, conversation);
		await this.store.routeConversation({
			conversationId: id,
			decision: routeTo(team),
			source: 'workflow',
		});
		await this.store.assignConversation({
			conversationId: id,
			to: { kind: 'routed' },
			policy: { strategy: this.strategy, onlyOnline: true, maxOpen: null, skills, language },
			exclude: [],
			weight,
			priority,
			relaxAfter: RELAX_AFTER,
			source: 'workflow',
		});
		await this.noticeAssigned();
	}

	private async close(id: string, { agent, conversation }: Served): Promise<void> {
		this.units.set(agent, (this.units.get(agent) ?? 0) - conversation.weight);
		this.ended++;
		this.progress(this.ended);
		await this.store.closeConversation({
			conversationId: id,
			category: null,
			summary: null,
			source: 'user',
		});
		await this.noticeAssigned();
	}

	/** The pump has nothing to do while nobody waits. */
	private async tick(): Promise<void> {
		this.timetable.at(this.timetable.now + TICK, async () => await this.tick());
		if (this.served.length === this.conversations.size) return;
		await this.store.doDueWork();
		await this.noticeAssigned();
		this.overCapacity += (await this.agentsOverCapacity()).length;
	}

	/** Who got one by what was done just now works on it, and closes it. */
	private async noticeAssigned(): Promise<void> {
		const events = await this.store.engine.db
			.selectFrom('events')
			.select(['id', 'conversation_id', 'data'])
			.where('workspace', '=', this.store.workspace)
			.where('type', '=', 'assigned')
			.where('id', '>', this.lastEvent)
			.orderBy('id')
			.execute();
		for (const { id, conversation_id: conversationId, data } of events) {
			this.lastEvent = id;
			const { agent: key } = JSON.parse(data) as { agent: string };
			this.begin(conversationId ?? '', key);
		}
	}

	private begin(id: string, key: string): void {
		const { now } = this.timetable;
		const conversation = this.conversations.get(id);
		const agent = this.agents.get(key);
		if (!conversation || !agent) throw new Error(`${id} was given to ${key}, who is not known`);
		const units = (this.units.get(key) ?? 0) + conversation.weight;
		this.units.set(key, units);
		if (units > agent.capacity) this.overCapacity++;
		const closedAt = now + Math.round(conversation.handling * agent.pace);
		const present = this.day.agents
			.filter((each) => each.teams.includes(conversation.team) && isPresent(each, now))
			.map((each) => each.key);
		const served = { conversation, agent: key, assignedAt: now, closedAt, present };
		this.served.push(served);
		this.timetable.at(closedAt, async () => await this.close(id, served));
	}

	private async agentsOverCapacity(): Promise<unknown[]> {
		return await this.store.engine.db
			.selectFrom('agents')
			.innerJoin('agent_loads', (join) =>
				join
					.onRef('agent_loads.workspace', '=', 'agents.workspace')
					.onRef('agent_loads.agent_key', '=', 'agents.key'),
			)
			.select('agents.key')
			.where('agents.workspace', '=', this.store.workspace)
			.whereRef('agent_loads.open_units', '>', 'agents.capacity')
			.execute();
	}

	/** By the tables: one that never was closed by its agent, or never came to be. */
	private async countLost(): Promise<number> {
		const rows = await this.store.engine.db
			.selectFrom('conversations')
			.select(['status', 'assignee_key'])
			.where('workspace', '=', this.store.workspace)
			.execute();
		const over = rows.filter((row) => row.status === 'closed' && row.assignee_key !== null);
		return this.day.conversations.length - over.length;
	}
}

/** Whether it is the agent's shift, and no break. */
export const isPresent = ({ online }: SimulatedAgent, at: number) =>
	online.some(({ from, to }) => from <= at && at < to);
