import { asIs, isStoreError, storeError } from '../errors';

/**
 * SQLite's primary result codes (https://www.sqlite.org/rescode.html) as sentences for whoever runs
 * the machine.
 */
const sentences: Record<number, { what: string; hint: string }> = {
	5: {
		what: 'is locked by another program',
		hint: 'Something keeps the file open for writing (a backup, a database browser). Close it; n8n tries again by itself with the next message',
	},
	8: {
		what: 'cannot be written: the disk or the file is read-only',
		hint: "Give n8n's user the right to write to this folder, and check that the volume is not mounted read-only",
	},
	10: {
		what: 'cannot be read or written: the disk reports a fault',
		hint: 'Check the disk, and that the folder is not on a network share: the embedded store needs a local disk',
	},
	11: {
		what: 'is damaged',
		hint: 'Restore the file from a backup: move it away, restart n8n, and run Conversation Store → Store → Restore Backup. Keep the damaged file: most of it can usually be recovered with the sqlite3 program',
	},
	13: {
		what: 'cannot grow: the disk is full',
		hint: 'Free some space on the disk. Nothing was lost: channels deliver unanswered messages again',
	},
	14: {
		what: 'cannot be opened',
		hint: "Check that the folder exists and that n8n's user may write to it",
	},
	26: {
		what: 'is not a conversation store',
		hint: 'Another program wrote a file of this name. Choose another store name in the credential',
	},
};

/**
 * Turns what SQLite or the file system said into one of the store's errors. Anything else is a
 * mistake in the code and stays what it is, so that nobody looks for it on the disk.
 */
export function sqliteFailure(error: unknown, file: string): Error {
	if (isStoreError(error)) return error;
	const primary = primaryCode(error);
	if (primary === undefined) return asIs(error);
	const known = sentences[primary];
	if (known) {
		return storeError(
			'StoreUnavailable',
			`The conversation store ${file} ${known.what}`,
			known.hint,
			error,
		);
	}
	const said = error instanceof Error ? error.message : String(error);
	return storeError(
		'StoreUnavailable',
		`The conversation store ${file} did not answer: ${said}`,
		'Test the Conversation Store credential; it says what the store needs',
		error,
	);
}

/** Extended codes keep the primary one in their low byte. */
function primaryCode(error: unknown): number | undefined {
	const { errcode, code } = error as { errcode?: number; code?: string };
	return errcode === undefined ? codeOfFileSystem(code) : errcode % 256;
}

/** The disk, or a limit of what this user may keep on it. */
export const isFull = (error: unknown) => primaryCode(error) === 13;

/** Also under the sentence that an operator reads. */
export function isDamage(error: unknown): boolean {
	const primary = primaryCode(isStoreError(error) ? error.cause : error);
	return primary === 11 || primary === 26;
}

/** System error codes (errno) as the result code of SQLite that says the same. */
const fileSystemCodes: Record<string, number> = {
	EROFS: 8,
	EIO: 10,
	ENOSPC: 13,
	EDQUOT: 13,
	EACCES: 14,
	EPERM: 14,
	ENOTDIR: 14,
	ENOENT: 14,
	EEXIST: 14,
	EISDIR: 14,
	ELOOP: 14,
	EMFILE: 14,
	ENFILE: 14,
	ENAMETOOLONG: 14,
};

function codeOfFileSystem(code: string | undefined): number | undefined {
	// node:sqlite says so of a handle that was closed, e.g. while the process ends.
	if (code === 'ERR_INVALID_STATE') return 14;
	return code === undefined ? undefined : fileSystemCodes[code];
}

/** The file is no longer the one that was opened: what is written now would be lost. */
export const fileGone = (file: string) =>
	storeError(
		'StoreUnavailable',
		`The conversation store ${file} was deleted or moved away while n8n was using it`,
		'Put the file back, and n8n goes on with it. To begin with an empty store instead, restart n8n',
	);

/** What must not be changed while it is read, is read for too long. */
export const readForLong = (file: string) =>
	storeError(
		'StoreUnavailable',
		`The conversation store ${file} is being read for long, by a report, an export or another program`,
		'Try again when it has ended. The store was not changed',
	);

/** A database, but somebody else's. */
export const notAStore = (file: string) =>
	storeError(
		'StoreUnavailable',
		`The conversation store ${file} ${sentences[26]?.what}`,
		sentences[26]?.hint ?? '',
	);
