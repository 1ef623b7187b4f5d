import type { INodeProperties } from 'n8n-workflow';
import { storeError } from '../../store/errors';

export const availability: INodeProperties = {
	displayName: 'Availability',
	name: 'availability',
	type: 'options',
	options: [
		{ name: 'Away', value: 'away', description: 'Keeps conversations, gets no new ones' },
		{ name: 'Offline', value: 'offline', description: 'Keeps conversations, gets no new ones' },
		{ name: 'Online', value: 'online', description: 'Gets conversations' },
	],
	default: 'online',
};

/** A number of minutes, as a form gives it. */
export const minutesParameter = (
	label: string,
	name: string,
	overrides: Partial<INodeProperties>,
): INodeProperties => ({
	displayName: label,
	name,
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 0,
	...overrides,
});

/**
 * In whole milliseconds.
 *
 * @throws StoreError `InvalidInput` where it is no number, or less than `least`
 */
export function milliseconds(value: unknown, label: string, least = 0): number {
	const minutes = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
	if (Number.isFinite(minutes) && minutes >= least) return Math.round(minutes * 60_000);
	throw storeError(
		'InvalidInput',
		`'${label}' is no number of minutes${least > 0 ? ` from ${least} up` : ''}`,
		'Give a number, such as 10, or a fraction, such as 0.5',
	);
}
