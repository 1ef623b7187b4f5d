import type { AgentCandidate, AssignmentPolicy } from './contracts';
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
	skills: string[];
	language: string | null;
}

export const demandsOf = (policy: AssignmentPolicy): Demands => ({
	excluded: new Set(policy.excluded),
	skills: policy.skills.map(comparable),
	language: policy.language === null ? null : primarySubtag(policy.language),
});

/** What a policy makes of an agent at a moment. */
export function examine(
	agent: AgentCandidate,
	policy: AssignmentPolicy,
	demands: Demands,
	now: number,
): Examined {
	const limit = smallerLimit(agent.capacity, policy.maxOpen);
	const obstacles: Obstacle[] = [];
	if (demands.excluded.has(agent.key)) obstacles.push('excluded');
	if (policy.onlyOnline && !saysOnline(agent, now)) obstacles.push('notOnline');
	if (policy.onlyOnline && !agent.onShift) obstacles.push('offShift');
	if (missingSkills(agent, demands.skills).length > 0) obstacles.push('lacksSkill');
	if (!speaks(agent, demands.language)) obstacles.push('lacksLanguage');
	if (limit !== null && agent.openUnits + policy.weight > limit) obstacles.push('atCapacity');
	return { agent, limit, obstacles };
}

/** Those of the skills that the agent does not have, as they are compared. */
export function missingSkills({ skills }: AgentCandidate, wanted: string[]): string[] {
	if (wanted.length === 0) return wanted;
	const has = new Set(skills.map(comparable));
	return wanted.filter((skill) => !has.has(skill));
}

function speaks({ languages }: AgentCandidate, language: string | null): boolean {
	if (language === null || languages.length === 0) return true;
	return languages.some((each) => primarySubtag(each) === language);
}

const comparable = (skill: string) => skill.normalize('NFKC').trim().toLowerCase();

/** "pt-BR" and "PT_pt" are "pt": who speaks one is understood in the other. */
const primarySubtag = (tag: string) => comparable(tag).split(/[-_]/)[0] ?? '';

function smallerLimit(a: number | null, b: number | null): number | null {
	if (a === null) return b;
	return b === null ? a : Math.min(a, b);
}
