import { isStoreError, storeError, TryAgain, type StoreError } from '../errors';
import type { PostgresSettings } from './settings';

/**
 * The connection was lost while the commit was under way: it has happened entirely or not at all.
 * The transaction's number (`xid`) lets the server say which.
 */
export class CommitUnknown extends Error {
	constructor(
		readonly xid: string | null,
		/** Of the server at that time, see `LIFE`. */
		readonly life: string,
		cause: unknown,
	) {
		super('The connection was lost while the transaction was committed', { cause });
	}
}

interface Failure {
	/** SQLSTATE (PostgreSQL's documentation, appendix A), or Node's name of a system error. */
	code?: string;
	message?: string;
	/** Where in the server's code it comes from; the words beside it are translated. */
	routine?: string;
}

/** Nothing that ran on this connection goes on, and the connection is of no more use. */
export function connectionLost(error: unknown): boolean {
	const { code = '', message = '' } = error as Failure;
	return LOST_CODES.test(code) || LOST_WORDS.test(message);
}

/** Class 08 is "connection exception", 57P0x the server's own end or start, 25P03 its time-out. */
const LOST_CODES =
	/^(08...|57P0[1-4]|25P0[34]|ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND)$/;
/** What `pg` says without a code. */
const LOST_WORDS =
	/^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed)/;

/** Whether the server undid the transaction so that it may be run again, now or a little later. */
export function mayRunAgain(error: unknown): boolean {
	if (error instanceof TryAgain || connectionLost(error)) return true;
	const { code = '', message = '' } = error as Failure;
	return AGAIN_CODES.has(code) || (code === '0A000' && message.includes('cached plan'));
}

/** Serialisation failure, deadlock, lock not available, too many connections. */
const AGAIN_CODES = new Set(['40001', '40P01', '55P03', '53300']);

interface Sentence {
	what: string;
	hint: string;
}

/** What went wrong with the server of these settings, for whoever runs it. */
export function postgresFailure(error: unknown, settings: PostgresSettings): Error {
	if (isStoreError(error)) return error;
	const { code = '', message = '' } = error as Failure;
	const known = sentenceOf(error as Failure, settings);
	// Anything else is a mistake in the code and stays what it is, so that nobody looks for it on the server.
	if (!known && !isFromServer(error)) return error as Error;
	const sentence = known ?? {
		what: `did not answer as expected: ${message} (${code})`,
		hint: 'Test the Conversation Store credential; it says what the store needs',
	};
	return unavailable(settings, sentence, error);
}

const unavailable = (settings: PostgresSettings, { what, hint }: Sentence, cause?: unknown) =>
	storeError('StoreUnavailable', `${nameOf(settings)} ${what}`, hint, cause);

/** Errors about values and statements (classes 22, 23, 42) are ours, those about the server are not. */
function isFromServer(error: unknown): boolean {
	const { code = '' } = error as Failure;
	return /^(08|25|28|3D|53|54|55|57|58|F0|XX)...$/.test(code);
}

/** Where the store is, for an operator. Holds no password. */
export const placeOf = ({ host, port, database, schema }: PostgresSettings) =>
	`(PostgreSQL ${host}:${port}, database '${database}', schema '${schema}')`;

/** The store as errors name it. */
export const nameOf = (settings: PostgresSettings) => `The conversation store ${placeOf(settings)}`;

function sentenceOf(failure: Failure, settings: PostgresSettings): Sentence | undefined {
	const { code = '', message = '' } = failure;
	return (
		contentionSentence(failure) ??
		networkSentence(code, message, settings) ??
		encryptionSentence(failure, settings) ??
		passwordSentence(message, settings) ??
		serverSentence(code, settings)
	);
}

/** What `pg` says by itself when the server asks for one. */
const NO_PASSWORD = /^SASL: .* client password must be/;

function passwordSentence(message: string, { user }: PostgresSettings): Sentence | undefined {
	if (!NO_PASSWORD.test(message)) return undefined;
	return {
		what: `asks for a password of the user '${user}', and the credential has none`,
		hint: "Fill in 'Password' in the credential",
	};
}

/**
 * "No entry in pg_hba.conf": perhaps there is one for encrypted connections. A user that is not known
 * or may not log in has the same code.
 */
export const refusesAddress = ({ code, routine }: Failure) =>
	code === '28000' && routine !== 'InitializeSessionUserId';

export const lacksEncryption = ({ message = '' }: Failure) => /does not support SSL/i.test(message);

/** The last of many attempts. */
function contentionSentence(failure: Failure): Sentence | undefined {
	const { code = '', message = '' } = failure;
	if (failure instanceof TryAgain || code === '40001' || code === '40P01') {
		return {
			what: 'is too busy: others changed the same records in each of many attempts',
			hint: 'Run this again; nothing of it has happened. If it happens often, let fewer executions run at once',
		};
	}
	if (/^Cannot use a pool after/.test(message)) {
		return {
			what: 'was closed by this process, which is ending',
			hint: 'Run this again when n8n has started; channels deliver unanswered messages again',
		};
	}
	return undefined;
}

function networkSentence(
	code: string,
	message: string,
	{ host, port }: PostgresSettings,
): Sentence | undefined {
	if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
		return {
			what: `cannot be found: no machine is known as '${host}'`,
			hint: "Check 'Host' in the credential. In Docker it is the name of the database's service, and both containers must be in one network",
		};
	}
	if (code === 'ECONNREFUSED') {
		return {
			what: `refuses the connection: nothing listens on port ${port} of '${host}'`,
			hint: "Check 'Host' and 'Port' in the credential and that PostgreSQL runs. Inside a container 'localhost' is the container itself",
		};
	}
	if (
		/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(code) ||
		/^(timeout exceeded|timeout expired|Query read timeout|Connection terminated due to connection timeout)/.test(
			message,
		)
	) {
		return {
			what: 'does not answer in time',
			hint: "Check 'Host' and 'Port', that no firewall stands between, and that the server is not overloaded",
		};
	}
	if (connectionLost({ code, message })) {
		return {
			what: 'is not reachable: the connection was lost',
			hint: 'The server was stopped or restarted, or the network failed. n8n connects again by itself; channels deliver unanswered messages again',
		};
	}
	return undefined;
}

/** Node's names of certificates that do not hold (tls, OpenSSL's X509_V_ERR_…). */
const CERTIFICATE =
	/^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|ERR_TLS_CERT_ALTNAME_INVALID)$/;

function encryptionSentence(
	failure: Failure,
	{ ssl, allowUnauthorizedCerts }: PostgresSettings,
): Sentence | undefined {
	const { code = '' } = failure;
	const encrypts = ssl !== 'disable' || allowUnauthorizedCerts === true;
	if (lacksEncryption(failure)) {
		return {
			what: 'does not offer an encrypted connection (SSL)',
			hint: "Set 'SSL' in the credential to Disable, or switch SSL on in PostgreSQL",
		};
	}
	if (CERTIFICATE.test(code)) {
		return {
			what: `has a certificate that is not trusted (${code})`,
			hint: "Put the certificate of the authority that signed it into 'CA Certificate', or switch on 'Ignore SSL Issues' if you accept any certificate",
		};
	}
	if (refusesAddress(failure) && !encrypts) {
		return {
			what: 'does not let this user in without encryption (SSL), or not from this address',
			hint: "Set 'SSL' in the credential to Require. If that does not help, the server's pg_hba.conf has no entry for this user, database and address",
		};
	}
	return undefined;
}

const READ_ONLY: Sentence = {
	what: 'is read-only: this server is a replica, or was set to read-only',
	hint: "Give the address of the primary server in 'Host'",
};

export const serverReadOnly = (settings: PostgresSettings) => unavailable(settings, READ_ONLY);

function serverSentence(
	code: string,
	{ user, database, schema, maxConnections }: PostgresSettings,
): Sentence | undefined {
	const sentences: Record<string, Sentence> = {
		'28P01': {
			what: `does not accept the password of the user '${user}'`,
			hint: "Check 'User' and 'Password' in the credential",
		},
		'28000': {
			what: `does not let the user '${user}' in`,
			hint: "Check 'User' in the credential, and that the server's pg_hba.conf has an entry for this user, database and address",
		},
		'3D000': {
			what: `has no database '${database}'`,
			hint: `Check 'Database' in the credential, or create it: CREATE DATABASE "${database}"`,
		},
		'42501': {
			what: `does not give the user '${user}' the right to create or use what the store needs`,
			hint: `Let the user own the schema: CREATE SCHEMA "${schema}" AUTHORIZATION "${user}"; or let it create one: GRANT CREATE ON DATABASE "${database}" TO "${user}"`,
		},
		'42P01': {
			what: 'has lost its tables',
			hint: `Somebody removed the schema '${schema}': restart n8n to begin anew, or restore a backup. Or a connection pooler in transaction mode stands between: the store needs session mode`,
		},
		'25006': READ_ONLY,
		'53100': {
			what: 'cannot grow: the disk of the server is full',
			hint: 'Free some space there. Nothing was lost: channels deliver unanswered messages again',
		},
		'53300': {
			what: 'has no free connection left',
			hint: `Each n8n process takes up to ${maxConnections} connections and one more. Lower 'Maximum Connections' in the credential, or raise max_connections of the server`,
		},
		'57014': {
			what: 'took too long for an answer',
			hint: 'The server is overloaded, or something holds the store’s tables locked (a migration, a backup with locks)',
		},
		'55P03': {
			what: 'is locked by another program',
			hint: 'Something keeps the store’s rows or tables locked for longer than 10 seconds. Look for long transactions in pg_stat_activity',
		},
	};
	return sentences[code];
}

/** Another application's tables are in the schema. */
export function schemaTaken(settings: PostgresSettings, table: string): StoreError {
	return storeError(
		'StoreUnavailable',
		`${nameOf(settings)} cannot be made: the schema holds tables of another application, e.g. '${table}'`,
		"Give the store a schema of its own under 'Schema' in the credential, e.g. conversations",
	);
}

export function transactionPooling(settings: PostgresSettings): StoreError {
	return storeError(
		'StoreUnavailable',
		`${nameOf(settings)} is behind a connection pooler in transaction mode, in which the store cannot work`,
		"Give the address of the pooler's session mode, or of the server itself. Often only the port differs: on Supabase 5432 instead of 6543",
	);
}

export function serverTooOld(settings: PostgresSettings, version: string): StoreError {
	return storeError(
		'StoreUnavailable',
		`${nameOf(settings)} runs on PostgreSQL ${version}, which is too old`,
		'The store needs PostgreSQL 13 or newer',
	);
}

/** Nobody can say whether it happened; the server forgot, or did not come back in time. */
export function fateUnknown(settings: PostgresSettings, error: CommitUnknown): StoreError {
	return storeError(
		'StoreUnavailable',
		`${nameOf(settings)} was lost while a change was written; whether it was is not known`,
		'Run this again: what was done already is found and not done twice',
		error,
	);
}
