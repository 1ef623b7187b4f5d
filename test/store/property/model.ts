import { type Facts, openOnes } from './facts';
import { sayingOf, settled, type Saying } from './presence';

/** Who works, as it was last said. */
export interface ModelAgent {
	teams: string[];
	/** Null is no limit. */
	capacity: number | null;
	skills: string[];
	languages: string[];
	said: Saying;
}

export type Send = 'under way' | 'refused' | 'sent';

/**
 * What ought to be, in a few maps: who wrote and has what open, and who works. Whom the store chooses
 * is not foretold: it is read back, and judged by the rules of invariants.ts.
 */
export class Model {
	/** Identity, as `channel:id`, to its contact; a contact is named by its first identity. */
	readonly contactOf = new Map<string, string>();
	/** Contact to its open conversation. */
	readonly open = new Map<string, string>();
	/** Contact to its newest conversation, open or closed. */
	readonly newest = new Map<string, string>();
	readonly closed = new Set<string>();
	/** Message to its conversation; null where the business wrote while none was open. */
	readonly messages = new Map<string, string | null>();
	/** What was to be sent from here, by the key of its tries. */
	readonly sends = new Map<string, Send>();
	readonly teams = new Set<string>();
	readonly agents = new Map<string, ModelAgent>();

	/** The contact of these identities: a phone decides, else the first that is known. */
	find(identities: string[]): string | undefined {
		const known = identities.filter((identity) => this.contactOf.has(identity));
		const chosen = known.find((identity) => identity.startsWith('phone:')) ?? known[0];
		return chosen === undefined ? undefined : this.contactOf.get(chosen);
	}

	/** As {@link find}; what is not known yet belongs to that contact, or to a new one, from now on. */
	findOrCreate(identities: string[]): string {
		const contact = this.find(identities) ?? identities[0] ?? '';
		for (const identity of identities) {
			if (!this.contactOf.has(identity)) this.contactOf.set(identity, contact);
		}
		return contact;
	}

	opened(contact: string, conversation: string): void {
		this.open.set(contact, conversation);
		this.newest.set(contact, conversation);
	}

	close(conversation: string): void {
		this.closed.add(conversation);
		for (const [contact, id] of this.open) if (id === conversation) this.open.delete(contact);
	}

	/**
	 * Where the model and the tables differ, in words. Contacts are compared by what they have: their
	 * keys are the store's own; agents by what time has made of what was said, since the store writes
	 * that down when it looks at them next.
	 */
	differences(facts: Facts, now: number): string[] {
		const keyOf = (contact: string) => facts.identities.get(contact) ?? 'nobody';
		const pairs = <V>(map: Iterable<[string, V]>) => new Map([...map].sort());
		const compare = (what: string, expected: unknown, found: unknown) => {
			const [wanted, is] = [JSON.stringify(expected), JSON.stringify(found)];
			return wanted === is ? [] : [`${what}: ${is} instead of ${wanted}`];
		};
		return [
			...compare(
				'contacts of identities',
				[...pairs([...this.contactOf].map(([identity, contact]) => [identity, keyOf(contact)]))],
				[...pairs(facts.identities)],
			),
			...compare(
				'1: open conversations',
				[...pairs([...this.open].map(([contact, id]) => [id, keyOf(contact)]))],
				[...pairs(openOnes(facts).map((row) => [row.id, row.contact_key]))],
			),
			...compare(
				'9: closed conversations',
				[...this.closed].sort(),
				[...facts.conversations.values()]
					.filter(({ status }) => status === 'closed')
					.map(({ id }) => id)
					.sort(),
			),
			...compare(
				'2: messages',
				[...pairs(this.messages)],
				[...pairs([...facts.messages].map(([id, row]) => [id, row.conversation_id]))],
			),
			...compare('sends', [...pairs(this.sends)], [...pairs(sendsOf(facts))]),
			...compare('teams', [...this.teams].sort(), [...facts.teams].sort()),
			...compare(
				'agents',
				[...pairs(asOf(this.agents, now))],
				[...pairs(asOf(agentsOf(facts), now))],
			),
		];
	}

	/** The model of what the tables say: after operations that ran at once, in whatever order. */
	static of(facts: Facts): Model {
		const model = new Model();
		for (const [identity, key] of facts.identities) model.contactOf.set(identity, key);
		for (const row of [...facts.conversations.values()].sort((a, b) => a.ordinal - b.ordinal)) {
			model.newest.set(row.contact_key, row.id);
			if (row.status === 'closed') model.closed.add(row.id);
			else model.open.set(row.contact_key, row.id);
		}
		for (const [id, row] of facts.messages) model.messages.set(id, row.conversation_id);
		for (const [key, send] of sendsOf(facts)) model.sends.set(key, send);
		for (const team of facts.teams) model.teams.add(team);
		for (const [key, agent] of agentsOf(facts)) model.agents.set(key, agent);
		return model;
	}
}

const agentsOf = (facts: Facts): Array<[string, ModelAgent]> =>
	[...facts.agents].map(([key, agent]) => [
		key,
		{
			teams: agent.teams,
			capacity: agent.capacity,
			skills: JSON.parse(agent.skills) as string[],
			languages: JSON.parse(agent.languages) as string[],
			said: sayingOf(agent),
		},
	]);

const asOf = (agents: Iterable<[string, ModelAgent]>, now: number) =>
	[...agents].map(([key, agent]): [string, ModelAgent] => [
		key,
		{ ...agent, said: settled(agent.said, now) },
	]);

const sendsOf = (facts: Facts): Array<[string, Send]> =>
	[...facts.messages].flatMap(([id, { send_key: key, status }]): Array<[string, Send]> => {
		if (key === null) return [];
		if (!id.startsWith('sending:')) return [[key, 'sent']];
		return [[key, status === 'sending' ? 'under way' : 'refused']];
	});
