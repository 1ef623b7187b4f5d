import type { INodeProperties } from 'n8n-workflow';
import { storeError } from '../../store/errors';
import type { ReportPeriod } from '../../store/operations/reportedEvents';
import type { OperationCall } from './resource';

const DAY = 24 * 60 * 60_000;
const DEFAULT_DAYS = 30;

/** The period of a report. */
export const periodParameters: INodeProperties[] = [
	{
		displayName: 'From',
		name: 'periodFrom',
		type: 'dateTime',
		default: '',
		description: 'Where the period begins; 30 days before its end when empty',
	},
	{
		displayName: 'To',
		name: 'periodTo',
		type: 'dateTime',
		default: '',
		description: 'Where the period ends; now when empty',
	},
];

/** @throws StoreError `InvalidInput` where it ends before it begins */
export function periodOf(call: OperationCall): ReportPeriod {
	const now = call.store.clock();
	const before = Math.min(call.moment('periodTo', 'To') ?? now, now);
	const from = call.moment('periodFrom', 'From') ?? before - DEFAULT_DAYS * DAY;
	if (from < before) return { from, before };
	throw storeError(
		'InvalidInput',
		"'From' is not before 'To', or lies in the future",
		'Choose a period that begins before it ends, in the past',
	);
}

/** For an item. */
export const periodItem = ({ from, before }: ReportPeriod) => ({
	from: new Date(from).toISOString(),
	to: new Date(before).toISOString(),
});
