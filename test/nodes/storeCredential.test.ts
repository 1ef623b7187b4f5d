import { randomUUID } from 'node:crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { SCHEMA_VERSION } from '../../nodes/store/migrations';
import { getStore } from '../../nodes/store/registry';
import { freePort } from '../host/ports';
import { onServer, testPostgres } from '../postgres/connection';
import { handled, opened, team } from '../store/support/samples';
import { Bench } from './support/bench';

const PASSWORD = 'correct-horse-battery';

describe("the credential's test, PostgreSQL", () => {
	const schema = `credential_${randomUUID().slice(0, 8)}`;
	const role = `${schema}_role`;
	const { host, port, user, password, database } = testPostgres();
	const admin = async (statement: string) => await onServer(testPostgres(), statement);
	const server = { backend: 'postgres', host, port, user, password, database, schema };
	let bench: Bench;

	beforeAll(
		async () => await admin(`create role ${role} login password '${PASSWORD}' connection limit 3`),
	);
	beforeEach(() => {
		bench = new Bench();
	});

	afterAll(async () => {
		(await openedStore()).engine.close();
		await admin(
			`drop schema ${schema} cascade; drop schema ${schema}_newer cascade; drop role ${role}`,
		);
	});

	/** The one that the credential's test has opened in this process. */
	const openedStore = async () =>
		await getStore(
			{
				...testPostgres(),
				backend: 'postgres',
				workspace: 'acme',
				schema,
				caCertificate: '',
				allowUnauthorizedCerts: false,
			},
			() => {},
		);

	const tested = async (changes: ICredentialDataDecryptedObject = {}) =>
		await bench.testCredential({ ...server, ...changes });

	/** Where the store is, at the beginning of each sentence. */
	const store = (changes: Partial<typeof server> = {}) => {
		const at = { ...server, ...changes };
		return `The conversation store (PostgreSQL ${at.host}:${at.port}, database '${at.database}', schema '${at.schema}')`;
	};

	test('makes the store and says what it found', async () => {
		expect(await tested()).toEqual({
			status: 'OK',
			message: expect.stringMatching(
				new RegExp(
					`^PostgreSQL \\d+\\.\\d+.*, schema ${SCHEMA_VERSION}, 0 teams, 0 agents, 0 open conversations$`,
				),
			),
		});
		const acme = await openedStore();
		await team(acme, 'billing', { nathan: null, omar: null });
		await handled(acme, 'amal', 'billing');
		await opened(acme, 'badr');
		expect((await tested()).message).toMatch(/, 1 team, 2 agents, 2 open conversations$/);
		expect((await tested({ workspace: 'another' })).message).toMatch(/, 0 open conversations$/);
	});

	test('tells what an operator should know of the place, where the engine has something to tell', async () => {
		const embedded = await bench.store();
		const warnings = jest.spyOn(embedded.engine, 'warnings', 'get');
		warnings.mockReturnValue(['It is kept in memory. Mount a volume there']);
		expect((await bench.testCredential()).message).toMatch(
			/ 0 open conversations\. It is kept in memory\. Mount a volume there$/,
		);
	});

	const failures: Array<[string, () => Promise<[ICredentialDataDecryptedObject, string]>]> = [
		[
			'the host is not known',
			async () => [
				{ host: 'db.invalid' },
				`${store({ host: 'db.invalid' })} cannot be found: no machine is known as 'db.invalid'. Check 'Host' in the credential. In Docker it is the name of the database's service, and both containers must be in one network`,
			],
		],
		[
			'the connection is refused',
			async () => {
				const free = await freePort();
				return [
					{ port: free },
					`${store({ port: free })} refuses the connection: nothing listens on port ${free} of '${host}'. Check 'Host' and 'Port' in the credential and that PostgreSQL runs. Inside a container 'localhost' is the container itself`,
				];
			},
		],
		[
			'the password is wrong',
			async () => [
				{ user: role, password: 'wrong-horse' },
				`${store()} does not accept the password of the user '${role}'. Check 'User' and 'Password' in the credential`,
			],
		],
		[
			'there is no such database',
			async () => [
				{ database: 'nowhere' },
				`${store({ database: 'nowhere' })} has no database 'nowhere'. Check 'Database' in the credential, or create it: CREATE DATABASE "nowhere"`,
			],
		],
		[
			'the user may not create a schema',
			async () => [
				{ user: role, password: PASSWORD, schema: 'not_mine' },
				`${store({ schema: 'not_mine' })} does not give the user '${role}' the right to create or use what the store needs. Let the user own the schema: CREATE SCHEMA "not_mine" AUTHORIZATION "${role}"; or let it create one: GRANT CREATE ON DATABASE "${database}" TO "${role}"`,
			],
		],
		[
			'encryption is required and not offered',
			async () => [
				{ ssl: 'require' },
				`${store()} does not offer an encrypted connection (SSL). Set 'SSL' in the credential to Disable, or switch SSL on in PostgreSQL`,
			],
		],
		[
			'the schema is newer',
			async () => {
				const newer = `${schema}_newer`;
				await admin(
					`create schema ${newer}; create table ${newer}.meta (key text);
					create table ${newer}.schema_version (version int); insert into ${newer}.schema_version values (99)`,
				);
				return [
					{ schema: newer },
					`${store({ schema: newer })} has schema version 99; this version of the package knows up to ${SCHEMA_VERSION}. A newer version of n8n-nodes-inbound-conversations has used this store. Update the package in Settings > Community Nodes, or choose another store name or schema in the credential`,
				];
			},
		],
	];
	test.each(failures)('%s', async (_name, prepare) => {
		const [changes, sentences] = await prepare();
		const { status, message } = await tested(changes);
		expect({ status, message }).toEqual({ status: 'Error', message: sentences });
		expect(message).not.toContain(String(changes.password ?? PASSWORD));
	});

	test.each([
		['host', '', 'Host', 'Fill it in, e.g. localhost'],
		['host', ' ', 'Host', 'Fill it in, e.g. localhost'],
		['host', 'x'.repeat(256), 'Host', 'Fill it in, e.g. localhost'],
		['database', '', 'Database', 'Fill it in, e.g. postgres'],
		['user', '', 'User', 'Fill it in, e.g. postgres'],
		['port', 0, 'Port', 'Use a number from 1 to 65535'],
		['port', 65_536, 'Port', 'Use a number from 1 to 65535'],
		['port', 54.32, 'Port', 'Use a number from 1 to 65535'],
		['port', 'abc', 'Port', 'Use a number from 1 to 65535'],
		['schema', '', 'Schema', 'Use up to 63 small letters'],
		['schema', 'Conversations', 'Schema', 'Use up to 63 small letters'],
		['schema', 'a"; drop schema public; --', 'Schema', 'Use up to 63 small letters'],
		['schema', 'pg_store', 'Schema', 'do not begin with a digit or pg_'],
		['schema', '1st', 'Schema', 'do not begin with a digit or pg_'],
		['schema', 'x'.repeat(64), 'Schema', 'Use up to 63 small letters'],
		['maxConnections', 0, 'Maximum Connections', 'Use a number from 1 to 100'],
		['maxConnections', 101, 'Maximum Connections', 'Use a number from 1 to 100'],
		['maxConnections', 2.5, 'Maximum Connections', 'Use a number from 1 to 100'],
		['workspace', 'acme~test', 'Workspace', 'Use 1 to 64 small letters'],
	])('refuses %s %j before it connects', async (field, value, label, hint) => {
		const { status, message } = await tested({ [field]: value });
		expect(status).toBe('Error');
		expect(message).toContain(`'${label}' of the Conversation Store credential is not usable. `);
		expect(message).toContain(hint);
	});
});
