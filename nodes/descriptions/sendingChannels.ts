import type { INodePropertyOptions } from 'n8n-workflow';
import { channels } from '../channels';

/** The channels that can send, in alphabetical order. */
export const sendingChannels: INodePropertyOptions[] = channels
	.filter(({ sending }) => sending !== undefined)
	.map(({ key, displayName }) => ({ name: displayName, value: key }))
	.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
