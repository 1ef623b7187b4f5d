import type { AgentCandidate, AssignmentPolicy } from './contracts';

/** What keeps an agent from being chosen; in the order in which `blockedBy` asks. */
export type Obstacle = 'excluded' | 'notOnline' | 'offShift' | 'atCapacity';

/** An agent with what the policy makes of it. */
export interface Examined {
	agent: AgentCandidate;
	/** The agent's own capacity or the policy's limit, whichever is smaller; null is no limit. */
	limit: number | null;
	/** Empty: the agent is a candidate. */
	obstacles: Obstacle[];
}

/** Whether an agent is there: says online, and is on shift. */
export function isOnline(agent: AgentCandidate, now: number): boolean {
	return agent.onShift && saysOnline(agent, now);
}

/** Whether an agent says online and the time it said so for has not ended. */
export function saysOnline(agent: AgentCandidate, now: number): boolean {
	return agent.availability === 'online' && (agent.onlineUntil === null || agent.onlineUntil > now);
}

/** Whether nothing keeps the agent from being chosen. */
export function isCandidate(one: Examined): boolean {
	return one.obstacles.length === 0;
}

/** What a policy makes of an agent at a moment. */
export function examine(
	agent: AgentCandidate,
	policy: AssignmentPolicy,
	excluded: ReadonlySet<string>,
	now: number,
): Examined {
	const limit = smallerLimit(agent.capacity, policy.maxOpen);
	const obstacles: Obstacle[] = [];
	if (excluded.has(agent.key)) obstacles.push('excluded');
	if (policy.onlyOnline && !saysOnline(agent, now)) obstacles.push('notOnline');
	if (policy.onlyOnline && !agent.onShift) obstacles.push('offShift');
	if (limit !== null && agent.openUnits + policy.weight > limit) obstacles.push('atCapacity');
	return { agent, limit, obstacles };
}

function smallerLimit(a: number | null, b: number | null): number | null {
	if (a === null) return b;
	return b === null ? a : Math.min(a, b);
}
