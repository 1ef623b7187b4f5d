import { createHash } from 'node:crypto';
import { parseJson } from '../json';
import { tables, type FileRow, type TransferTable } from './format';

/** Of an event's data: what names a row of this store. */
const IDS_OF_EVENTS = ['messageId'];

/** Characters of an ID that say when it was made, and in which order within a millisecond. */
const ORDER = 26;

/**
 * New IDs for a copy that comes to lie beside its original: the same one always becomes the same, and
 * time and order stay, since they are the part that is kept.
 */
export const idRenewal = (salt: string) => (id: string) =>
	id.slice(0, ORDER) + createHash('sha256').update(`${salt}:${id}`).digest('hex').slice(0, 10);

/** The row with every ID renewed, wherever it stands. */
export function renewRow(
	table: TransferTable,
	row: FileRow,
	renewed: (id: string) => string,
): FileRow {
	const copy = { ...row };
	for (const column of tables[table].ids) {
		const value = copy[column];
		if (typeof value === 'string') copy[column] = renewed(value);
	}
	// Of an inbound message the contact, of others an agent, whose key is nobody's to change.
	if (table === 'messages' && row.sender === row.contact_key) copy.sender = copy.contact_key;
	if (table === 'events') copy.data = renewData(String(row.data), renewed);
	return copy;
}

function renewData(text: string, renewed: (id: string) => string): string {
	const data = parseJson<Record<string, unknown>>(text, {});
	const found = IDS_OF_EVENTS.filter((name) => typeof data[name] === 'string');
	for (const name of found) data[name] = renewed(String(data[name]));
	return found.length === 0 ? text : JSON.stringify(data);
}
