import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { channels } from '../channels';

/** The channels that can send, in alphabetical order. */
export const sendingChannels: INodePropertyOptions[] = channels
	.filter(({ sending }) => sending !== undefined)
	.map(({ key, displayName }) => ({ name: displayName, value: key }))
	.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));

/**
 * The channels whose credentials a node has. In the node's credentials it is named from the root,
 * `/channels`: by its plain name the editor takes it for the choice of a way to log in, and hides it.
 */
export const channelsParameter = (description: string): INodeProperties => ({
	displayName: 'Channels',
	name: 'channels',
	type: 'multiOptions',
	noDataExpression: true,
	options: sendingChannels,
	default: ['whatsapp'],
	required: true,
	description,
});
