import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { strategies } from '../../descriptions/strategies';

/** Parameters that reports of assignments share. */

export const shownFor = (
	name: string,
	value: string,
	property: INodeProperties,
): INodeProperties => ({
	...property,
	displayOptions: { show: { [name]: [value], ...property.displayOptions?.show } },
});

export const strategyParameter = (name: string, description: string): INodeProperties => ({
	displayName: 'Strategy',
	name,
	type: 'options',
	noDataExpression: true,
	options: strategies,
	default: 'leastOpen',
	description,
});

/** @param options in alphabetical order; `summary` is one of them */
export const outputParameter = (
	name: string,
	options: INodePropertyOptions[],
): INodeProperties => ({
	displayName: 'Output',
	name,
	type: 'options',
	noDataExpression: true,
	options,
	default: 'summary',
	description: 'What to return',
});

/** Of milliseconds, to two decimals. */
export const hours = (milliseconds: number) => rounded(milliseconds / 3_600_000, 2);

export function rounded(value: number, decimals: number): number {
	const factor = 10 ** decimals;
	return Math.round(value * factor) / factor;
}
