import { isStoreError, storeError } from '../errors';
import { SCHEMA_VERSION } from '../migrations';
import { isDamage, isFull, sqliteFailure } from './failures';

/** What goes wrong with backups, in sentences for whoever runs the machine. */

const UNCHANGED = 'The store was not changed';

export const noSuchBackup = (name: string, known: string[]) =>
	storeError(
		'InvalidInput',
		`This store has no backup '${name}'`,
		known.length > 0
			? `Choose one of its backups, e.g. ${known[0]}. Conversation Store → Store → Get Backups lists them`
			: 'It has no backups yet. Make one with Conversation Store → Store → Back Up',
	);

/** Also for a file that is no store at all. What says more than that is passed on. */
export function backupDamaged(called: string, cause?: unknown): Error {
	if (cause !== undefined && (isStoreError(cause) || !isNoStore(cause))) return cause as Error;
	return storeError(
		'StoreUnavailable',
		`The backup ${called} is damaged, or not one of a conversation store`,
		`Choose another backup. ${UNCHANGED}`,
		cause,
	);
}

/** SQLite's primary code 1: the tables that every store has are not there. */
const isNoStore = (cause: unknown) =>
	isDamage(cause) || (cause as { errcode?: number }).errcode === 1;

export const backupTooNew = (called: string, version: number) =>
	storeError(
		'StoreTooNew',
		`The backup ${called} has schema version ${version}; this version of the package knows up to ${SCHEMA_VERSION}`,
		`Update n8n-nodes-inbound-conversations in Settings > Community Nodes, then restore it. ${UNCHANGED}`,
	);

export function backupNotMade(error: unknown, folder: string, file: string): Error {
	if (isStoreError(error) || isDamage(error)) return sqliteFailure(error, file);
	const reason = isFull(error) ? 'the disk is full' : said(error);
	return storeError(
		'StoreUnavailable',
		`No backup could be made in ${folder}: ${reason}`,
		isFull(error)
			? "Free some space on the disk, or let Back Up keep fewer backups ('Keep at Most'). The store itself goes on working"
			: "Check that n8n's user may write to this folder. The store itself goes on working",
		error,
	);
}

export function notPutInPlace(error: unknown, name: string): Error {
	if (isStoreError(error)) return error;
	return storeError(
		'StoreUnavailable',
		`The backup ${name} could not be put in the place of the store: ${isFull(error) ? 'the disk is full' : said(error)}`,
		`${UNCHANGED}. Check that the disk has room for the backup once more and for a copy of the present store. Where the system does not let an open file be replaced (Windows), stop n8n and copy the backup over the store's file`,
		error,
	);
}

const said = (error: unknown) => (error instanceof Error ? error.message : String(error));
