import * as fc from 'fast-check';
import type { ConversationStore } from '../../../nodes/store/store';
import { TABLES } from '../../../nodes/store/transfer/format';
import { assertConsistent } from '../support/consistency';
import { SECOND, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	assigneeOf,
	close,
	conversationOf,
	eventsOf,
	expectError,
	handled,
	message,
	online,
	receive,
	setOnline,
	team,
} from '../support/samples';
import { exported, filled, fileOf, HOSTILE, imported, linesOf, rowsOf } from '../support/transfer';

/** A workspace goes from a store of one engine to a store of another. */
export function transferSuite(from: EngineUnderTest, to: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;
	let target: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await from.openStore({ clock });
		target = await to.openStore({ clock });
	});
	afterEach(async () => {
		await assertConsistent(store);
		await assertConsistent(target);
	});

	test('export, import and export again give the same rows', async () => {
		await filled(store, clock);
		const file = await exported(store);
		const result = await imported(target, file);
		const again = await exported(target);
		const { counts } = linesOf(file).at(-1)!;
		expect(result).toMatchObject({
			written: counts,
			stored: counts,
			requeued: 0,
			leftOut: ['subscriptions', 'deliveries', 'waits'],
		});
		expect(Object.values(result.replaced).every((n) => n === 0)).toBe(true);
		expect(Object.keys(counts ?? {}).filter((table) => !counts?.[table])).toEqual([]);
		if (result.newIds) expect(rowsOf(renamed(file, again))).toEqual(rowsOf(again));
		else expect(rowsOf(again)).toEqual(rowsOf(file));
		const { teams, agents, contacts, messages, conversations } = await store.countEverything();
		expect(await target.countEverything()).toMatchObject({
			...{ teams, agents, contacts, messages, conversations },
			deliveries: {},
		});
	});

	test('what was imported goes on: messages, queue, turns, agents', async () => {
		const { ids } = await filled(store, clock);
		const file = await exported(store);
		const { newIds } = await imported(target, file);
		const of = (id: string) => (newIds ? renamedId(id, file, target) : id);
		for (const at of [store, target]) {
			const appended = await receive(at, message('nobody', { text: 'Still me' }));
			expect(appended.outcome).toBe('appended');
		}
		// The next of the queue, then the next in turn: the same in both.
		const served = async (
			at: ConversationStore,
			idIn: (id: string) => Promise<string> | string,
		) => {
			const owners: Array<string | null> = [];
			for (const who of ['b', 'c']) await close(at, await idIn(ids[who]!));
			for (const who of ['d', 'e', 'f', 'waits']) {
				owners.push(await assigneeOf(at, await idIn(ids[who]!)));
			}
			for (const who of ['x', 'y', 'z']) {
				owners.push((await handled(at, who, 'care')).conversation.assignee?.key ?? null);
			}
			return owners;
		};
		const original = await served(store, (id) => id);
		expect(original.filter((owner) => owner !== null).length).toBeGreaterThan(3);
		expect(await served(target, of)).toEqual(original);
		expect(await target.getRetention()).toEqual({ days: 3650 });
		expect((await target.getAgent('bob')).teams).toEqual(['care', 'sales']);
		// Message ids of channels are known: a delivery of the same message is none of a new one.
		const [known] = rowsOf(file, 'messages');
		const repeated = message('done', { id: String(known?.row?.channel_message_id) });
		expect((await receive(target, repeated)).outcome).toBe('duplicate');
	});

	test('a copy beside its original has IDs of its own, in the same order', async () => {
		await filled(store, clock);
		const file = await exported(store);
		const beside = await from.openStore({ clock });
		const result = await imported(beside, file);
		expect(result.newIds).toBe(true);
		const copy = await exported(beside);
		expect(rowsOf(copy)).toEqual(rowsOf(renamed(file, copy)));
		for (const id of idsIn(file)) expect(copy).not.toContain(id);
		await assertConsistent(beside);
		// And a copy of the copy.
		const third = await from.openStore({ clock });
		expect((await imported(third, copy)).newIds).toBe(true);
		expect(rowsOf(await exported(store))).toEqual(rowsOf(file));
	});

	test('replace removes what was there, also what test runs left, and nothing of others', async () => {
		await filled(store, clock);
		const file = await exported(store);
		const other = await to.openStore({ clock });
		await team(other, 'other', { zoe: 1 });
		await handled(other, 'zed', 'other');
		const before = rowsOf(await exported(other));
		await filled(target, clock);
		await handled(target.forTests(), 'trial', 'sales');
		const hint = /Replace What Is There/;
		await expectError(
			imported(target, file),
			'WorkspaceNotEmpty',
			/not empty: it has \d+ contacts.*, 2 teams/,
			hint,
		);
		const { replaced } = await imported(target, file, { replace: true });
		expect(replaced).toMatchObject({ teams: 2, agents: 3 });
		expect(rowsOf(await exported(target), 'contacts')).toHaveLength(
			rowsOf(file, 'contacts').length,
		);
		expect(await target.forTests().countEverything()).toMatchObject({
			contacts: 0,
			conversations: { open: 0, closed: 0 },
		});
		expect(rowsOf(await exported(other))).toEqual(before);
	});

	test('a store that an import came into has an ID of its own', async () => {
		await filled(store, clock);
		const before = await target.storeId();
		await imported(target, await exported(store));
		expect(await target.storeId()).not.toBe(before);
	});

	test('who exported and imported is an event, without what is personal', async () => {
		await filled(store, clock);
		const chunks = store.exportWorkspace({ source: 'user', actor: 'boss' });
		await target.importWorkspace(chunks, { replace: false, source: 'user', actor: 'chief' });
		expect(await transfers(store)).toEqual([['workspace_exported', 'boss', {}]]);
		expect(await transfers(target)).toEqual([
			['workspace_exported', 'boss', {}],
			[
				'workspace_imported',
				'chief',
				{
					from: store.workspace,
					exportedAt: expect.stringMatching(/^2026-01-06T/),
					replaced: false,
					contacts: 9,
					conversations: 9,
				},
			],
		]);
	});

	test('an empty workspace is a file, too', async () => {
		const result = await imported(target, await exported(store));
		expect(result.written).toMatchObject({ contacts: 0, events: 1 });
		// The event of its export is no content.
		await exported(target);
		await filled(store, clock);
		await imported(target, await exported(store));
	});

	test('agents who did not come along leave nobody waiting for them', async () => {
		const { ids } = await filled(store, clock);
		const lines = linesOf(await exported(store)).filter(
			({ table, row }) =>
				!(table === 'agents' && row?.key === 'ann') &&
				!(table === 'team_members' && row?.agent_key === 'ann') &&
				!(table === 'agent_loads') &&
				!(table === 'turns' && row?.agent_key === 'ann'),
		);
		recount(lines);
		const file = fileOf(lines);
		const held = rowsOf(file, 'conversations').filter(
			({ row }) =>
				row?.status === 'open' && (row.assignee_key === 'ann' || row.queue_for === 'ann'),
		);
		expect(held.length).toBeGreaterThan(1);
		const { requeued, newIds } = await imported(target, file);
		expect(requeued).toBe(held.length);
		expect((await target.getAgent('bob')).openUnits).toBe((await store.getAgent('bob')).openUnits);
		expect((await target.getAgent('bob')).openUnits).toBeGreaterThan(0);
		const waits = newIds ? await renamedId(ids.waits!, file, target) : ids.waits!;
		expect(await conversationOf(target, waits)).toMatchObject({ queue: { team: 'care' } });
		await setOnline(target, 'cem', false);
		await online(target, 'dan', ['care', 'sales'], null);
		expect(await assigneeOf(target, waits)).not.toBeNull();
		expect(await eventsOf(target, waits)).toContain('assigned');
	});

	test('loads are counted anew, whatever the file says', async () => {
		await filled(store, clock);
		const lines = linesOf(await exported(store));
		for (const { table, row } of lines) if (table === 'agent_loads' && row) row.open_units = 77;
		await imported(target, fileOf(lines));
		for (const agent of ['ann', 'bob', 'cem']) {
			expect((await target.getAgent(agent)).openUnits).toBe(
				(await store.getAgent(agent)).openUnits,
			);
		}
	});

	test('whatever people write arrives as it was', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.record({ who: fc.nat(3), text: fc.string({ unit: 'binary' }) }), {
					minLength: 1,
					maxLength: 10,
				}),
				fc.integer({ min: 1, max: 50 }),
				async (messages, pieces) => {
					const [one, two] = [await from.openStore({ clock }), await to.openStore({ clock })];
					for (const { who, text } of messages) {
						await receive(one, message(`p${who}`, { text, raw: { text } }), { keepRaw: true });
					}
					const file = await exported(one);
					const { newIds } = await imported(two, file, { pieces });
					const again = await exported(two);
					expect(rowsOf(newIds ? renamed(file, again) : file)).toEqual(rowsOf(again));
				},
			),
			{ numRuns: 15 },
		);
	});

	test('a reader that goes away ends the reading', async () => {
		await filled(store, clock);
		const chunks = store.exportWorkspace({ source: 'user' });
		await chunks.next();
		await chunks.return({} as never);
		expect(await chunks.next()).toEqual({ done: true, value: undefined });
		expect((await receive(store, message('late'))).outcome).toBe('opened');
		expect(rowsOf(await exported(store)).length).toBeGreaterThan(20);
	});

	test('more rows than one page, each once', async () => {
		await store.engine.transaction(async (tx) => {
			for (let i = 0; i < 1203; i++) {
				const name = `category ${String(i).padStart(5, '0')}`;
				await tx
					.insertInto('categories')
					.values({ workspace: store.workspace, name, description: HOSTILE, created_at: i })
					.execute();
			}
		});
		const file = await exported(store);
		const names = rowsOf(file, 'categories').map(({ row }) => row?.name);
		expect(new Set(names).size).toBe(1203);
		expect(names).toEqual([...names].sort());
		expect((await imported(target, file)).stored.categories).toBe(1203);
	});

	test('what was written while the export ran is not in it', async () => {
		await filled(store, clock);
		const chunks = store.exportWorkspace({ source: 'user' });
		const first = await chunks.next();
		clock.advance(SECOND);
		await receive(store, message('late', { text: 'too late' }));
		let file = String(first.value);
		for await (const piece of chunks) file += piece;
		expect(file).not.toContain('too late');
		expect(linesOf(file).at(-1)).toMatchObject({ end: true });
	});

	describe('a file that is not right is refused, and nothing of it stays', () => {
		let lines: ReturnType<typeof linesOf>;
		const at = (table: string) => lines.findIndex((line) => line.table === table);
		const change = (table: string, changes: object) =>
			Object.assign(lines[at(table)]!.row!, changes);
		beforeEach(async () => {
			await filled(store, clock);
			lines = linesOf(await exported(store));
		});
		afterEach(async () => {
			const { contacts, messages, teams, agents } = await target.countEverything();
			expect([contacts, messages, teams, agents]).toEqual([0, 0, 0, 0]);
			expect(rowsOf(await exported(target))).toEqual([]);
		});
		const refused = async (sentence: RegExp, file = fileOf(lines), hint = /Export|import/) =>
			await expectError(imported(target, file), 'InvalidInput', sentence, hint);

		test('cut off: between lines, inside a line, inside a letter', async () => {
			await refused(/is cut off/, fileOf(lines.slice(0, -1)));
			const text = fileOf(lines);
			await refused(/Line \d+ of the file is not JSON/, text.slice(0, -20));
			const bytes = Buffer.from(text);
			const inside = bytes.subarray(0, bytes.lastIndexOf(Buffer.from('👩')) + 2);
			const cut = target.importWorkspace(one(inside), { replace: false, source: 'user' });
			await expectError(cut, 'InvalidInput', /Line \d+ .*not a line of text/, /not packed/);
		});

		test('counts that differ, and lines after the end', async () => {
			lines.at(-1)!.counts!.messages!++;
			await refused(/The file has (\d+) rows of 'messages'; (\d+) were exported/);
			lines.at(-1)!.counts!.messages!--;
			lines.splice(at('agents'), 1);
			await refused(/The file has 2 rows of 'agents'; 3 were exported/);
			await refused(/Line 3 .* after the end in line 2/, fileOf([lines[0]!, zero(), lines[1]!]));
		});

		test('lines that are no rows', async () => {
			const text = fileOf(lines).split('\n');
			text[5] = `{"table": ${text[5]}`;
			await refused(/Line 6 of the file is not JSON/, text.join('\n'));
			text[5] = '[1]';
			await refused(/Line 6 of the file is neither a row nor the end/, text.join('\n'));
			lines[4]!.table = '__proto__';
			await refused(/Line 5 .*a row of '__proto__', which this package does not know/);
			lines[4]!.table = 'leases';
			await refused(/Line 5 .*'leases'/);
		});

		test('columns that nobody knows, are missing, or hold what they cannot', async () => {
			const line = () => `Line ${at('conversations') + 1} of the file of 'conversations'`;
			const original = { ...lines[at('conversations')]!.row };
			const wrong: Array<[object, RegExp]> = [
				[{ colour: 'red' }, /has a column that this package does not know: colour/],
				[{ status: 'lost' }, /'status' must be one of open, snoozed, closed/],
				[{ opened_at: '2026' }, /'opened_at' must be a time in milliseconds/],
				[{ opened_at: 1e300 }, /'opened_at' is a time out of range/],
				[{ weight: 1.5 }, /'weight' must be a whole number/],
				[{ inbound_count: 3e9 }, /'inbound_count' is too large/],
				[{ id: "' or 1=1" }, /'id' must be an ID/],
				[{ excluded_agents: '{"a":1}' }, /'excluded_agents' must be JSON of the right shape/],
				[{ excluded_agents: '[' }, /'excluded_agents' must be JSON of the right shape/],
				[{ source: undefined }, /'source' is missing/],
				[{ workspace: 'other' }, /does not know: workspace/],
			];
			for (const [changes, sentence] of wrong) {
				lines[at('conversations')]!.row = { ...original, ...changes };
				await refused(new RegExp(line()));
				await refused(sentence);
			}
		});

		test('business hours and shifts that nobody can read', async () => {
			for (const [table, column] of [
				['teams', 'hours'],
				['agents', 'shifts'],
			] as const) {
				lines = linesOf(await exported(store));
				for (const wrong of ['{}', '[', '{"timeZone":"Nowhere/Else","weekly":[],"holidays":[]}']) {
					lines[at(table)]!.row![column] = wrong;
					await refused(new RegExp(`'${column}' must be business hours of the right shape`));
				}
			}
		});

		test('rows that contradict each other', async () => {
			change('conversations', { contact_key: '01990000-0000-7000-8000-000000000000' });
			await refused(/Lines \d+ to \d+ of the file contradict other rows/);
			lines = linesOf(await exported(store));
			lines.splice(at('contacts'), 0, lines[at('contacts')]!);
			recount(lines);
			await refused(/contradict other rows/);
			lines = linesOf(await exported(store));
			lines.splice(-1, 0, ...lines.splice(at('settings'), 1));
			await refused(/Line \d+ .* a row of 'settings' after rows that follow it/);
		});

		test('other files', async () => {
			await refused(/not an export of a conversation store/, '');
			await refused(/not an export of a conversation store/, 'name,phone\nA,1\n');
			await refused(/not an export of a conversation store/, '{"format":"other"}\n');
			await refused(/not an export of a conversation store/, fileOf(lines.slice(1)));
			const packed = target.importWorkspace(one(Buffer.from([0x1f, 0x8b, 8, 0, 0xff])), {
				replace: false,
				source: 'user',
			});
			await expectError(packed, 'InvalidInput', /Line 1 .*not a line of text/, /not packed/);
		});

		test('files of a newer package', async () => {
			const newer = async (changes: object, sentence: RegExp) => {
				const file = fileOf([{ ...lines[0], ...changes }, ...lines.slice(1)]);
				await expectError(imported(target, file), 'StoreTooNew', sentence, /Update/);
			};
			await newer({ formatVersion: 2 }, /format 2; this package knows up to 1/);
			await newer({ schemaVersion: 99 }, /schema 99; this package knows up to \d/);
		});

		test('a failed replacement leaves what was there', async () => {
			const beside = await to.openStore({ clock });
			await filled(beside, clock);
			const before = rowsOf(await exported(beside));
			const file = fileOf(lines.slice(0, -1));
			const hint = /Copy the whole file/;
			await expectError(
				imported(beside, file, { replace: true }),
				'InvalidInput',
				/is cut off/,
				hint,
			);
			expect(rowsOf(await exported(beside))).toEqual(before);
		});

		test('the character that no text may hold is left out', async () => {
			change('contacts', { name: 'A\0B' });
			const beside = await to.openStore({ clock });
			await imported(beside, fileOf(lines));
			expect(rowsOf(await exported(beside), 'contacts')[0]?.row?.name).toBe('AB');
		});
	});

	test('every column of every table is in a file', async () => {
		await filled(store, clock);
		const file = await exported(store);
		for (const table of TABLES) {
			const stored = await store.engine.db
				.selectFrom(table)
				.selectAll()
				.where('workspace', '=', store.workspace)
				.limit(1)
				.executeTakeFirstOrThrow();
			const [line] = rowsOf(file, table);
			const columns = ['workspace', ...Object.keys(line?.row ?? {})];
			expect(columns.sort()).toEqual(Object.keys(stored).sort());
		}
	});
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}

const zero = () => ({ end: true, counts: {} });

/** The last line as it would be, had these rows been exported. */
function recount(lines: ReturnType<typeof linesOf>): void {
	const { counts } = lines.at(-1)!;
	for (const table of TABLES) counts![table] = lines.filter((line) => line.table === table).length;
}

/** Of rows, in the order of the file. */
const idsIn = (file: string) =>
	(['contacts', 'conversations', 'messages', 'events'] as const).flatMap((table) =>
		rowsOf(file, table).map(({ row }) => String(row?.[table === 'contacts' ? 'key' : 'id'])),
	);

/** The file with the IDs of its copy: rows of both are in the same order. */
function renamed(file: string, copy: string): string {
	const [ids, others] = [idsIn(file), idsIn(copy)];
	const names = new Map(ids.map((id, index) => [id, others[index] ?? '']));
	return file.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => names.get(id) ?? id);
}

async function renamedId(id: string, file: string, copy: ConversationStore): Promise<string> {
	const ids = rowsOf(file, 'conversations').map(({ row }) => row?.id);
	const rows = await copy.engine.db
		.selectFrom('conversations')
		.select('id')
		.where('workspace', '=', copy.workspace)
		.where('id', '<', '~')
		.orderBy('id')
		.execute();
	return rows[ids.indexOf(id)]!.id;
}

async function transfers(store: ConversationStore): Promise<unknown[]> {
	const rows = await store.engine.db
		.selectFrom('events')
		.select(['type', 'actor', 'data'])
		.where('workspace', '=', store.workspace)
		.where('type', 'in', ['workspace_exported', 'workspace_imported'])
		.orderBy('type')
		.execute();
	return rows.map(({ type, actor, data }) => [type, actor, JSON.parse(data)]);
}
