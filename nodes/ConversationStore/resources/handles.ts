import type { IDataObject } from 'n8n-workflow';
import { storeError } from '../../store/errors';

/** IDs on other systems, as typed or dragged in. @throws StoreError `InvalidInput` */
export function readHandles(value: unknown): Record<string, string> {
	const wrong = () =>
		storeError(
			'InvalidInput',
			"'Handles' is not an object of texts",
			'Write it like {"slack": "U012AB3CD", "telegram": "@nathan"}',
		);
	let parsed: unknown = value;
	if (typeof value === 'string') {
		try {
			parsed = JSON.parse(value === '' ? '{}' : value);
		} catch (error) {
			throw nested(wrong(), error);
		}
	}
	if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw wrong();
	const entries = Object.entries(parsed as IDataObject);
	if (entries.some(([, handle]) => typeof handle === 'object')) throw wrong();
	return Object.fromEntries(entries.map(([system, handle]) => [system, String(handle)]));
}

function nested(error: Error, cause: unknown): Error {
	error.cause = cause;
	return error;
}
