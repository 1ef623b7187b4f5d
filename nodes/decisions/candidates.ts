import type { AgentCandidate, AssignmentPolicy } from './contracts';
import { normalizeText } from './normalize';
import { presenceOf, sayingOf } from './presence';

/** What keeps an agent from being chosen; in the order in which `blockedBy` asks. */
export type Obstacle =
	'excluded' | 'notOnline' | 'offShift' | 'lacksSkill' | 'lacksLanguage' | 'atCapacity';

/** An agent with what the policy makes of it. */
export interface Examined {
	agent: AgentCandidate;
	/** The agent's own capacity or the policy's limit, whichever is smaller; null is no limit. */
	limit: number | null;
	/** Empty: the agent is a candidate. */
	obstacles: Obstacle[];
	/** Skills that are asked for and that the agent does not have, as the policy writes them. */
	lacks: string[];
}

/** Whether an agent is there: says online, and is on shift. */
export const isOnline = (agent: AgentCandidate, now: number) => presenceOf(agent, now) === 'online';

/** Whether an agent says online, shifts aside. */
export const saysOnline = (agent: AgentCandidate, now: number) => sayingOf(agent, now) === 'online';

/** Whether nothing keeps the agent from being chosen. */
export function isCandidate(one: Examined): boolean {
	return one.obstacles.length === 0;
}

/** What is asked of agents, made ready to be compared; once for a decision. */
export interface Demands {
	excluded: ReadonlySet<string>;
	/** As they are written, by how they are compared. */
	skills: ReadonlyMap<string, string>;
	/** Primary subtag; null: any language. */
	language: string | null;
}

/** Of a policy that is relaxed nothing is left but who is excluded. Empty words ask for nothing. */
export function demandsOf({ excluded, skills, language, relaxed }: AssignmentPolicy): Demands {
	const asked = relaxed ? [] : skills.filter((skill) => comparable(skill) !== '');
	return {
		excluded: new Set(excluded),
		skills: new Map(asked.map((skill) => [comparable(skill), skill])),
		language: relaxed || language === null ? null : primarySubtag(language) || null,
	};
}

/** What a policy makes of an agent at a moment. */
export function examine(
	agent: AgentCandidate,
	policy: AssignmentPolicy,
	demands: Demands,
	now: number,
): Examined {
	const limit = smallerLimit(agent.capacity, policy.maxOpen);
	const lacks = missingSkills(agent, demands);
	const obstacles: Obstacle[] = [];
	if (demands.excluded.has(agent.key)) obstacles.push('excluded');
	if (policy.onlyOnline && !saysOnline(agent, now)) obstacles.push('notOnline');
	if (policy.onlyOnline && !agent.onShift) obstacles.push('offShift');
	if (lacks.length > 0) obstacles.push('lacksSkill');
	if (!speaks(agent, demands)) obstacles.push('lacksLanguage');
	if (limit !== null && agent.openUnits + policy.weight > limit) obstacles.push('atCapacity');
	return { agent, limit, obstacles, lacks };
}

const NOTHING: string[] = [];

function missingSkills({ skills }: AgentCandidate, { skills: asked }: Demands): string[] {
	if (asked.size === 0) return NOTHING;
	const has = new Set(skills.map(comparable));
	return [...asked].flatMap(([skill, written]) => (has.has(skill) ? [] : [written]));
}

function speaks({ languages }: AgentCandidate, { language }: Demands): boolean {
	if (language === null || languages.length === 0) return true;
	return languages.some((each) => primarySubtag(each) === language);
}

/** Agents' words are the same in each decision: each is made ready once, while they are few. */
const REMEMBERED = 1000;
const remembered = new Map<string, string>();

/** Case, accents, widths and Arabic letter forms do not count. */
function comparable(word: string): string {
	const known = remembered.get(word);
	if (known !== undefined) return known;
	if (remembered.size >= REMEMBERED) remembered.clear();
	const made = normalizeText(word);
	remembered.set(word, made);
	return made;
}

/** "pt-BR" and "PT_pt" are "pt": who speaks one is understood in the other. */
const primarySubtag = (tag: string) => comparable(tag).split(/[-_]/)[0]!.trim();

function smallerLimit(a: number | null, b: number | null): number | null {
	if (a === null) return b;
	return b === null ? a : Math.min(a, b);
}
