import type { IDataObject } from 'n8n-workflow';
import { agentParameter } from '../../descriptions/common';
import type { OperationCall } from './resource';

/** The agent who decided, if a person did. */
export const actorParameter = (displayName: string, name: string, description: string) =>
	agentParameter({ displayName, name, description });

/** Who did it, as the store's events keep it: an agent, or else the workflow. */
export function whoDidIt(call: OperationCall, parameter: string) {
	const actor = call.text(parameter);
	return { source: actor ? 'user' : 'workflow', ...(actor ? { actor } : {}) };
}

/** An agent who speaks for itself. */
export function spokenBy(call: OperationCall) {
	const agent = call.text('agent');
	return { agent, source: 'user', actor: agent };
}

export const plain = (value: object) => ({ ...value }) as IDataObject;
