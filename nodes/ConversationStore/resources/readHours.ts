import type { IDataObject } from 'n8n-workflow';
import { parseBusinessHours } from '../../decisions/businessHours';
import type { BusinessHours } from '../../decisions/contracts';
import { storeError } from '../../store/errors';
import type { HoursLabels } from './hoursForm';

/**
 * Business hours out of a collection with {@link hoursParameters}.
 *
 * @returns null for always; undefined where nothing is given, so that they stay as they are
 * @throws StoreError `InvalidInput`
 */
export function readHours(
	fields: IDataObject,
	labels: HoursLabels,
): BusinessHours | null | undefined {
	if (fields.always === true) return null;
	const form = (fields.hours as { values?: HoursForm } | undefined)?.values;
	const json = readJson(fields.hoursJson, `${labels.hours} (JSON)`);
	if (form !== undefined && json !== undefined) {
		throw storeError(
			'InvalidInput',
			`'${labels.hours}' and '${labels.hours} (JSON)' are both given`,
			'Remove one of the two fields',
		);
	}
	if (json === null) return null;
	const value = form === undefined ? json : readForm(form, labels.hours);
	if (value === undefined) return undefined;
	try {
		return parseBusinessHours(value);
	} catch (error) {
		throw storeError(
			'InvalidInput',
			`'${labels.hours}' cannot be used. ${(error as Error).message}`,
			`Correct the field, or remove it and switch on '${labels.always}'`,
			error,
		);
	}
}

/** What a sheet leaves empty changes nothing. */
function readJson(value: unknown, field: string): unknown {
	if (typeof value !== 'string') return value;
	if (value.trim() === '') return undefined;
	try {
		return JSON.parse(value);
	} catch (error) {
		throw storeError(
			'InvalidInput',
			`'${field}' is not JSON`,
			'Write it like {"timeZone": "Africa/Cairo", "weekly": [{"days": [7, 1, 2, 3, 4], "from": "09:00", "to": "17:00"}], "holidays": []}',
			error,
		);
	}
}

/** The form as n8n gives it; expressions may have put anything into it. */
interface HoursForm {
	timeZone?: unknown;
	weekly?: { values?: Array<{ days?: unknown; from?: unknown; to?: unknown }> };
	holidays?: { values?: HolidayForm[] };
}

interface HolidayForm {
	name?: unknown;
	date?: unknown;
	until?: unknown;
	yearly?: unknown;
	from?: unknown;
	to?: unknown;
}

/** n8n leaves out what is as the form shows it at first. */
function readForm(form: HoursForm, field: string) {
	return {
		timeZone: text(form.timeZone),
		weekly: (form.weekly?.values ?? []).map(({ days = [1, 2, 3, 4, 5], from, to }) => ({
			days: Array.isArray(days) ? days.map(Number) : days,
			from: text(from, '09:00'),
			to: text(to, '17:00'),
		})),
		holidays: (form.holidays?.values ?? []).map((holiday) => readHoliday(holiday, field)),
	};
}

function readHoliday({ name, date, until, yearly, from, to }: HolidayForm, field: string) {
	const range = { from: text(from), to: text(to) };
	if ((range.from === '') !== (range.to === '')) {
		throw storeError(
			'InvalidInput',
			`'${field}' has a holiday with only one of From and To: ${text(date)}`,
			'Give both for a day with shorter hours, or none for a day that is closed',
		);
	}
	return {
		name: text(name),
		date: text(date),
		...(text(until) === '' ? {} : { until: text(until) }),
		yearly: yearly === true,
		ranges: range.from === '' ? [] : [range],
	};
}

/** Also of a moment that an expression gave, which says what it is when asked for text. */
const text = (value: unknown, otherwise = '') =>
	value === undefined || value === null ? otherwise : String(value as string).trim();
