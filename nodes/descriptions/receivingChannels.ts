import type { INodePropertyOptions } from 'n8n-workflow';
import { channels } from '../channels';

/** What the pack receives from, and what flows that open by themselves name most often. */
export const receivingChannels: INodePropertyOptions[] = [
	...channels.map(({ key, displayName }) => ({ name: displayName, value: key })),
	{ name: 'Chat', value: 'chat' },
	{ name: 'Email', value: 'email' },
	{ name: 'Form', value: 'form' },
].sort((a, b) => a.name.localeCompare(b.name, 'en'));
