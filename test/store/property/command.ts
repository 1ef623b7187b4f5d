import * as fc from 'fast-check';
import type { StoreErrorCode } from '../../../nodes/store/errors';
import type { ConversationStore } from '../../../nodes/store/store';
import type { Facts } from './facts';
import type { Model } from './model';

/** What commands look up and, alone, move on. */
export interface World {
	model: Model;
	/** The tables before the command. */
	before: Facts;
	now: number;
}

/** What a call has said, as far as another call or the tables may contradict it. */
export interface Said {
	conversation?: string | null;
	/** It says that this conversation began with it. */
	opened?: string;
	message?: { id: string; outcome: string };
	assigned?: { conversation: string; agent: string | null; already: boolean };
	closed?: { conversation: string; already: boolean };
	claimed?: string[];
	acts?: { delivery: string; execution: string };
	wrote?: { contact: string; field: string; value: string; written: boolean };
	/** An agent as it was returned. */
	agent?: { key: string; capacity: number | null };
	removed?: string;
	/** Whose units or time became free: the queue was served for them. `all` after the pump. */
	served?: string[] | 'all';
	/** What a read returned, to be compared by {@link Command.alone}. */
	read?: unknown;
}

export interface Command {
	readonly name: string;
	/** Which client calls it. */
	readonly client: number;
	/** It only reads: the tables are the same after it. */
	readonly changesNothing?: boolean;
	/** Members of teams change: turns are not comparable before and after. */
	readonly changesTeams?: boolean;
	/** What it is about is looked up before it is called. */
	call(store: ConversationStore, world: World): Promise<Said>;
	/** Errors that are right, whatever happens at the same time. */
	mayEndWith(world: World): StoreErrorCode[];
	/** The error that it must end with when nothing else happens. */
	refusal(world: World): StoreErrorCode | undefined;
	/** Alone, and not refused: expects what the model foretells, and moves the model on. */
	alone(world: World, said: Said): void;
}

/** What is not given does not go wrong, and foretells nothing. */
type Parts = Pick<Command, 'name' | 'client' | 'call'> & Partial<Command>;

export const command = (parts: Parts): Command => ({
	mayEndWith: () => [],
	refusal: () => undefined,
	alone: () => {},
	...parts,
});

export const WHO = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
export const AGENTS = ['ann', 'bob', 'cem', 'dan'];
export const TEAMS = ['sales', 'care'];
/** Named, and perhaps not there. */
export const anyTeam = fc.constantFrom('sales', 'sales', ...TEAMS, 'night');
export const anyAgent = fc.constantFrom(...AGENTS);
export const client = fc.nat({ max: 2 });
export const who = fc.constantFrom(...WHO);
export const whose = fc.oneof(
	{ weight: 19, arbitrary: who },
	{ weight: 1, arbitrary: fc.constant('nobody') },
);

/** The newest conversation of a contact, open or closed; of one who has none yet, the newest of all. */
export function conversationOf({ model }: World, contact: string): string {
	const own = model.newest.get(model.contactOf.get(`chat:${contact}`) ?? '');
	const [newest] = contact === 'nobody' ? [] : [...model.newest.values()].sort().reverse();
	return own ?? newest ?? 'none';
}

export const contactKeyOf = ({ before }: World, contact: string) =>
	before.identities.get(`chat:${contact}`) ?? 'nobody';

export const isKnown = ({ before }: World, id: string) => before.conversations.has(id);

export const closedOrUnknown = (world: World, id: string): StoreErrorCode | undefined => {
	if (!isKnown(world, id)) return 'ConversationNotFound';
	return world.model.closed.has(id) ? 'ConversationClosed' : undefined;
};

export const closedOrUnknownAtOnce = (world: World, id: string): StoreErrorCode =>
	isKnown(world, id) ? 'ConversationClosed' : 'ConversationNotFound';

export const missingTeam = ({ model }: World, ...keys: Array<string | undefined>) =>
	keys.some((key) => key !== undefined && !model.teams.has(key))
		? ('TeamNotFound' as const)
		: undefined;

export const missingAgent = ({ model }: World, key: string) =>
	model.agents.has(key) ? undefined : ('AgentNotFound' as const);

/** Several that meet. */
export const atOnce = (one: fc.Arbitrary<Command>) =>
	fc.array(one, { minLength: 2, maxLength: 6, size: 'max' });

export const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** An optional property is left out, not undefined. */
export const some = <T extends object>(values: T) =>
	Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
		[K in keyof T]?: Exclude<T[K], undefined>;
	};
