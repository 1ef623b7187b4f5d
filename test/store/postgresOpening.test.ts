/* eslint-disable @n8n/community-nodes/no-dangerous-functions -- the program openssl makes the certificates */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Engine } from '../../nodes/store/engine';
import { SCHEMA_VERSION } from '../../nodes/store/migrations';
import { openPostgresEngine } from '../../nodes/store/postgres/engine';
import type { PostgresSettings } from '../../nodes/store/postgres/settings';
import { ConversationStore } from '../../nodes/store/store';
import { sql } from '../../nodes/vendor';
import { print } from '../host/output';
import { freePort } from '../host/ports';
import { startOwnServer, type OwnServer } from '../postgres/ownServer';
import { assertConsistent } from './support/consistency';
import { onServer } from '../postgres/connection';
import { temporaryFolder } from './support/engines';
import { expectError, handled, opened, team } from './support/samples';

/** Of every role that these tests make; looked for in everything that is told. */
const PASSWORD = 'correct-horse-battery';

const engines: Engine[] = [];
/** Roles, databases and settings of its own; what a test makes there stays until all have ended. */
let server: OwnServer;

beforeAll(async () => {
	server = await startOwnServer({ fsync: 'off' });
});
afterAll(async () => {
	for (const engine of engines) engine.close();
	await server.stop();
});

const admin = async (statement: string) => await onServer(server.connection, statement);

async function open(settings: PostgresSettings): Promise<ConversationStore> {
	const engine = await openPostgresEngine(settings, randomUUID);
	engines.push(engine);
	return new ConversationStore(engine, 'default');
}

/** Names that need no quotes, and are nobody else's. */
const newName = (kind: string) => `${kind}_${randomUUID().slice(0, 8)}`;

const newSchema = () => newName('opening');

/** A role with a password and no right but the ones given. */
async function newRole(options = ''): Promise<string> {
	const role = newName('role');
	await admin(`create role ${role} login password '${PASSWORD}' ${options}`);
	return role;
}

const settingsFor = (changes: Partial<PostgresSettings> = {}): PostgresSettings => ({
	...server.connection,
	schema: newSchema(),
	...changes,
});

const asRole = (user: string, changes: Partial<PostgresSettings> = {}) =>
	settingsFor({ user, password: PASSWORD, ...changes });

describe('a store that cannot be opened says why, and what to do', () => {
	/** Fails to open, in words that name the store and hold no secret. */
	async function fails(settings: PostgresSettings, sentence: RegExp, hint: RegExp) {
		const opening = open(settings);
		await expectError(opening, 'StoreUnavailable', sentence, hint);
		const error: unknown = await opening.catch((reason: unknown) => reason);
		expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(settings.password);
		expect((error as Error).message).toContain(
			`(PostgreSQL ${settings.host}:${settings.port}, database '${settings.database}', schema '${settings.schema}')`,
		);
	}

	test('the host is not known', async () => {
		await fails(
			settingsFor({ host: 'db.invalid', password: PASSWORD }),
			/cannot be found: no machine is known as 'db\.invalid'/,
			/'Host'/,
		);
	});

	test('nothing listens there', async () => {
		const port = await freePort();
		await fails(
			settingsFor({ port, password: PASSWORD }),
			new RegExp(`refuses the connection: nothing listens on port ${port} of '127\\.0\\.0\\.1'`),
			/that PostgreSQL runs.*'localhost' is the container itself/,
		);
	});

	describe('something else listens there', () => {
		let server: Server;
		const sockets: Socket[] = [];
		async function listen(answer: (socket: Socket) => void): Promise<number> {
			server = createServer((socket) => {
				sockets.push(socket.on('error', () => {}));
				answer(socket);
			});
			server.listen(0, '127.0.0.1');
			await once(server, 'listening');
			return (server.address() as AddressInfo).port;
		}
		afterEach(() => {
			for (const socket of sockets.splice(0)) socket.destroy();
			server.close();
		});

		test('and never says a word', async () => {
			const port = await listen(() => {});
			await fails(
				settingsFor({ port, password: PASSWORD }),
				/does not answer in time/,
				/no firewall stands between/,
			);
		});

		test('and hangs up', async () => {
			const port = await listen((socket) => socket.end());
			await fails(
				settingsFor({ port, password: PASSWORD }),
				/the connection was lost/,
				/stopped or restarted/,
			);
		});
	});

	test('the password is wrong', async () => {
		const role = await newRole();
		await fails(
			asRole(role, { password: 'wrong-horse' }),
			new RegExp(`does not accept the password of the user '${role}'`),
			/'User' and 'Password'/,
		);
	});

	test('the password is missing', async () => {
		const role = await newRole();
		const opening = open(asRole(role, { password: '' }));
		await expectError(
			opening,
			'StoreUnavailable',
			/and the credential has none/,
			/Fill in 'Password'/,
		);
	});

	// The server does not tell who is a user of it and who is not.
	test('the user is not known', async () => {
		await fails(asRole('nobody_here'), /password of the user 'nobody_here'/, /Check 'User'/);
	});

	test('the user may not log in', async () => {
		const role = await newRole();
		await admin(`alter role ${role} nologin`);
		await fails(
			asRole(role),
			new RegExp(`does not let the user '${role}' in`),
			/'User' in the credential/,
		);
	});

	test('the database is not there', async () => {
		const role = await newRole();
		await fails(
			asRole(role, { database: 'nowhere' }),
			/has no database 'nowhere'/,
			/CREATE DATABASE "nowhere"/,
		);
	});

	test('the user may not connect to the database', async () => {
		const role = await newRole();
		const database = newName('closed');
		await admin(`create database ${database}`);
		await admin(`revoke connect on database ${database} from public`);
		await fails(asRole(role, { database }), new RegExp(`the user '${role}'`), /GRANT/);
	});

	test('the user may not create a schema', async () => {
		const role = await newRole();
		const settings = asRole(role);
		await fails(
			settings,
			new RegExp(`does not give the user '${role}' the right to create`),
			new RegExp(`CREATE SCHEMA "${settings.schema}" AUTHORIZATION "${role}".*GRANT CREATE`),
		);
	});

	test('the schema belongs to somebody else', async () => {
		const settings = asRole(await newRole());
		await admin(`create schema ${settings.schema}`);
		await fails(settings, /does not give the user/, /own the schema/);
		await admin(`grant usage on schema ${settings.schema} to ${settings.user}`);
		await fails(settings, /does not give the user/, /own the schema/);
	});

	test("the schema holds somebody else's store", async () => {
		const owner = asRole(await newRole());
		await admin(`create schema ${owner.schema} authorization ${owner.user}`);
		await open(owner);
		const stranger = asRole(await newRole(), { schema: owner.schema });
		await fails(stranger, /does not give the user/, /own the schema/);
		await admin(`grant usage on schema ${owner.schema} to ${stranger.user}`);
		await fails(stranger, /does not give the user/, /own the schema/);
	});

	describe("the schema holds another application's tables, which stay as they are", () => {
		const contents = async (schema: string) =>
			await admin(
				`select relname, relkind from pg_class where relnamespace = '${schema}'::regnamespace order by 1`,
			);

		test.each([
			['contacts', 'create table contacts (id int)'],
			// The name under which another tool keeps its own versions.
			[
				'schema_version',
				"create table schema_version (version text); insert into schema_version values ('7')",
			],
		])('%s', async (table, statement) => {
			const settings = settingsFor();
			await admin(
				`create schema ${settings.schema}; set search_path to ${settings.schema}; ${statement}`,
			);
			const before = await contents(settings.schema);
			await expectError(
				open(settings),
				'StoreUnavailable',
				new RegExp(`tables of another application, e\\.g\\. '${table}'`),
				/a schema of its own under 'Schema'/,
			);
			expect(await contents(settings.schema)).toEqual(before);
		});
	});

	test('a newer version of the pack has used it', async () => {
		const settings = settingsFor();
		await open(settings);
		await admin(`update ${settings.schema}.schema_version set version = ${SCHEMA_VERSION + 7}`);
		await expectError(
			open(settings),
			'StoreTooNew',
			new RegExp(
				`schema '${settings.schema}'\\) has schema version ${SCHEMA_VERSION + 7}; .* up to ${SCHEMA_VERSION}$`,
			),
			/Update the package/,
		);
	});

	test('the server is read-only', async () => {
		const role = await newRole();
		await admin(`alter role ${role} set default_transaction_read_only to on`);
		await fails(asRole(role), /is read-only/, /primary server/);
	});

	test('the server has no connection left', async () => {
		const role = await newRole('connection limit 0');
		await fails(asRole(role), /has no free connection left/, /'Maximum Connections'/);
	});

	test('the server does not offer encryption', async () => {
		await fails(
			settingsFor({ ssl: 'require', password: PASSWORD }),
			/does not offer an encrypted connection \(SSL\)/,
			/to Disable, or switch SSL on/,
		);
	});
});

describe('a store that opens works', () => {
	const works = async (store: ConversationStore) => {
		await team(store, 'sales', { ann: 1 });
		expect(await handled(store, randomUUID(), 'sales')).toMatchObject({ outcome: 'assigned' });
		await assertConsistent(store);
	};

	test('with a role that owns its schema and has no other right', async () => {
		const role = await newRole();
		const database = newName('small');
		await admin(`create database ${database}`);
		const settings = asRole(role, { database });
		await onServer(
			{ ...server.connection, database },
			`revoke all on schema public from public; revoke all on database ${database} from public;
			grant connect on database ${database} to ${role};
			create schema ${settings.schema} authorization ${role}`,
		);
		await works(await open(settings));
	});

	test('with a role that may create its schema, which is nobody else’s then', async () => {
		const role = await newRole();
		await admin(`grant create on database ${server.connection.database} to ${role}`);
		const settings = asRole(role);
		await works(await open(settings));
		expect(
			await admin(`select nspowner::regrole::text as owner from pg_namespace
				where nspname = '${settings.schema}'`),
		).toEqual([{ owner: role }]);
		const stranger = await newRole();
		await expect(
			onServer(asRole(stranger), `select * from ${settings.schema}.messages`),
		).rejects.toThrow(/permission denied/);
	});

	test.each(['select', 'user'])('in a schema with the name "%s"', async (schema) => {
		await works(await open(settingsFor({ schema })));
	});

	test('puts nothing outside its schema', async () => {
		const outside = async () =>
			await admin(
				`select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
				where nspname = 'public' order by 1`,
			);
		const before = await outside();
		await works(await open(settingsFor()));
		expect(await outside()).toEqual(before);
	});

	test('when eight open a new one at once: one store, one id', async () => {
		const settings = settingsFor({ maxConnections: 1 });
		const stores = await Promise.all(Array.from({ length: 8 }, async () => await open(settings)));
		const ids = await Promise.all(stores.map(async (store) => await store.storeId()));
		expect(new Set(ids).size).toBe(1);
		const rows = await admin(`select version from ${settings.schema}.schema_version`);
		expect(rows).toEqual([{ version: SCHEMA_VERSION }]);
		await works(stores[3]!);
	});

	test('while another process migrates for longer than an answer may take', async () => {
		const settings = settingsFor();
		const first = await open(settings);
		await admin(`update ${settings.schema}.schema_version set version = ${SCHEMA_VERSION - 1}`);
		let second: Promise<ConversationStore> | undefined;
		await first.engine.transaction(async (tx) => {
			await first.engine.holdNames(tx, ['migration']);
			jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance', 'Date'] });
			second = open(settings);
			await theyWaitForALock(settings);
			jest.advanceTimersByTime(45_000);
			jest.useRealTimers();
			await sql`update schema_version set version = ${SCHEMA_VERSION}`.execute(tx);
		});
		await works(await second!);
	});

	const theyWaitForALock = async ({ user }: PostgresSettings) => {
		const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and usename = '${user}'
			and query like 'select pg_advisory%'`;
		while ((await admin(waiting)).length === 0);
	};

	test('in sessions of its own settings, whatever the defaults of the role are', async () => {
		const role = await newRole();
		await admin(`grant create on database ${server.connection.database} to ${role}`);
		await admin(`alter role ${role} set default_transaction_isolation to 'serializable';
			alter role ${role} set search_path to public`);
		const settings = asRole(role);
		const store = await open(settings);
		const inForce = await store.engine.transaction(
			async (tx) =>
				await sql`select current_setting('transaction_isolation') as isolation,
					current_setting('search_path') as path`.execute(tx),
		);
		expect(inForce.rows).toEqual([{ isolation: 'read committed', path: settings.schema }]);
		await works(store);
	});

	test('with texts in the order of their bytes, whatever the language of the database is', async () => {
		const database = newName('english');
		await admin(
			`create database ${database} template template0 locale_provider icu icu_locale 'en-US'`,
		);
		const settings = settingsFor({ database });
		const words = ['b', 'a', 'B', 'ä', 'z'];
		const list = words.map((word) => `('${word}')`).join();
		const inLanguage = await onServer(
			settings,
			`select * from (values ${list}) as w (word) order by word`,
		);
		expect(inLanguage.map((row) => (row as { word: string }).word)).toEqual([
			'a',
			'ä',
			'b',
			'B',
			'z',
		]);
		const store = await open(settings);
		for (const word of words) await store.upsertCategory({ name: word, description: '' });
		const rows = await store.engine.db
			.selectFrom('categories')
			.select('name')
			.orderBy('name')
			.execute();
		expect(rows.map(({ name }) => name)).toEqual(['B', 'a', 'b', 'z', 'ä']);
	});

	test('beside another store in the same database: they neither wait for nor hear each other', async () => {
		const settings = settingsFor();
		const [one, same, other] = [
			await open(settings),
			await open(settings),
			await open(settingsFor()),
		];
		await one.engine.transaction(async (tx) => {
			await one.engine.holdNames(tx, ['pool']);
			await other.engine.transaction(async (others) => {
				await other.engine.holdNames(others, ['pool']);
			});
		});
		const heard: string[] = [];
		let done = () => {};
		const wokenBySame = new Promise<void>((resolve) => (done = resolve));
		one.engine.onWake((topic) => {
			heard.push(topic);
			if (topic === 'deliveries') done();
		});
		other.engine.onWake(() => {});
		await listening(2);
		other.engine.wake('work');
		same.engine.wake('deliveries');
		await wokenBySame;
		expect(heard).toEqual(['deliveries']);
	});

	const listening = async (count: number) => {
		const listeners = `select 1 from pg_stat_activity where query ilike 'listen %' and state = 'idle'`;
		while ((await admin(listeners)).length < count);
	};
});

const missing = spawnSync('openssl', ['version']).error !== undefined;
/** Where tests must not be left out, a program that is missing is a failure. */
const skipped = missing && !process.env.CI;
if (skipped) print('openssl is not installed: encrypted connections are not tested');

(skipped ? describe.skip : describe)('encryption', () => {
	/** In PEM; signed by itself, for the address on which the server listens. */
	let certificate: string;
	const role = 'encrypted_only';

	const settings = (changes: Partial<PostgresSettings> = {}): PostgresSettings => ({
		...server.connection,
		user: role,
		password: PASSWORD,
		schema: 'conversations',
		...changes,
	});

	beforeAll(async () => {
		const folder = temporaryFolder();
		const [key, cert] = [join(folder, 'server.key'), join(folder, 'server.crt')];
		const forHost = ['-subj', '/CN=tests', '-addext', 'subjectAltName=IP:127.0.0.1'];
		const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
		execFileSync('openssl', ['req', ...kind, '-keyout', key, '-out', cert, ...forHost], {
			stdio: 'ignore',
		});
		certificate = readFileSync(cert, 'utf8');
		// The server writes its files itself: they must belong to the user that it runs as.
		const write = async (name: string, text: string) =>
			await admin(
				`copy (select '${Buffer.from(text).toString('base64')}') to program 'umask 077; base64 -d > ${name}'`,
			);
		await write('server.key', readFileSync(key, 'utf8'));
		await write('server.crt', certificate);
		await write(
			'pg_hba.conf',
			`hostssl all ${role} 127.0.0.1/32 scram-sha-256\nhostnossl all postgres 127.0.0.1/32 scram-sha-256\n`,
		);
		rmSync(folder, { recursive: true });
		await admin(
			`create role ${role} login password '${PASSWORD}'; create schema conversations authorization ${role}`,
		);
		await admin('alter system set ssl to on');
		await server.halt();
		await server.start();
	});

	const encrypted = async (store: ConversationStore) => {
		const { rows } = await sql<{ ssl: boolean }>`
			select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(store.engine.db);
		await opened(store, randomUUID());
		return rows[0]?.ssl;
	};
	const fails = async (changes: Partial<PostgresSettings>, sentence: RegExp, hint: RegExp) =>
		await expectError(open(settings(changes)), 'StoreUnavailable', sentence, hint);

	test('required by the server, disabled in the credential', async () => {
		await fails({}, /does not let this user in without encryption/, /'SSL' .* to Require/);
	});

	test('a certificate that nobody knows', async () => {
		const trust = /'CA Certificate', or switch on 'Ignore SSL Issues'/;
		await fails({ ssl: 'require' }, /a certificate that is not trusted \(.*SELF_SIGNED/, trust);
		await fails({ ssl: 'allow' }, /a certificate that is not trusted \(.*SELF_SIGNED/, trust);
	});

	test('a certificate for another host', async () => {
		await fails(
			{ ssl: 'require', host: 'localhost', caCertificate: certificate },
			/a certificate that is not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
			/Ignore SSL Issues/,
		);
	});

	test.each(['not a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'])(
		'a CA Certificate that is none: %j',
		async (caCertificate) => {
			await fails({ ssl: 'require', caCertificate }, /certificate/, /'CA Certificate'/);
		},
	);

	test('a certificate that the credential trusts', async () => {
		const store = await open(settings({ ssl: 'require', caCertificate: certificate }));
		expect(await encrypted(store)).toBe(true);
	});

	test('Ignore SSL Issues, whatever SSL is', async () => {
		for (const ssl of ['disable', 'require'] as const) {
			const store = await open(settings({ ssl, allowUnauthorizedCerts: true }));
			expect(await encrypted(store)).toBe(true);
		}
	});

	test('Allow encrypts where the server wants it, and only there', async () => {
		const trusting = { ssl: 'allow', caCertificate: certificate } as const;
		expect(await encrypted(await open(settings(trusting)))).toBe(true);
		const admins = { ...server.connection, ...trusting, schema: 'unencrypted' };
		expect(await encrypted(await open(admins))).toBe(false);
	});

	test('not encrypted, required in the credential, refused by the server', async () => {
		const { user, password } = server.connection;
		await fails(
			{ user, password, ssl: 'require', caCertificate: certificate },
			/does not let the user 'postgres' in/,
			/pg_hba\.conf/,
		);
	});

	test('wake-ups go through encrypted connections as well', async () => {
		const encryptedSettings = settings({ ssl: 'allow', caCertificate: certificate });
		const [one, two] = [await open(encryptedSettings), await open(encryptedSettings)];
		const heard = new Promise<string>((resolve) => one.engine.onWake(resolve));
		const listeners = `select 1 from pg_stat_activity where query ilike 'listen %' and state = 'idle'`;
		while ((await admin(listeners)).length === 0);
		two.engine.wake('work');
		expect(await heard).toBe('work');
	});
});
