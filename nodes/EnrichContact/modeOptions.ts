import type { INodePropertyOptions } from 'n8n-workflow';

/** How a value is saved, wherever an operator may say so. */
export const modeOptions: INodePropertyOptions[] = [
	{ name: 'Fill if Empty', value: 'fillIfEmpty', description: 'What is known already stays' },
	{ name: 'Keep', value: 'keep', description: 'Nothing is saved; it is only in the output' },
	{ name: 'Overwrite', value: 'overwrite', description: 'The new value replaces the old one' },
];
