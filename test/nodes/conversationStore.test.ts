import type { INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import { byKey, closed, failure, failureOf, idOf, openedItem } from './support/samples';

describe('Conversation Store', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});

	const run = async (resource: string, operation: string, parameters: INodeParameters = {}) => {
		const { outputs } = await bench.execute('conversationStore', {
			parameters: { resource, operation, ...parameters },
		});
		return outputs[0]!.map(({ json }) => json);
	};
	const agent = async (agentKey: string, fields: INodeParameters = {}) =>
		(await run('agent', 'upsert', { agentKey, fields }))[0];
	const team = async (teamKey: string, name = '') =>
		(await run('team', 'upsert', { teamKey, name }))[0];

	test('teams: create, rename, get, list, delete', async () => {
		expect(await team('billing')).toEqual({
			key: 'billing',
			name: 'billing',
			members: 0,
			online: 0,
			queued: 0,
			hours: null,
			hoursText: 'open at all times',
			open: true,
			openText: 'open at all times',
			opensAt: null,
			closesAt: null,
			overflowTeam: null,
			handles: {},
			created: true,
		});
		expect(await team('billing', 'الفواتير')).toMatchObject({ name: 'الفواتير', created: false });
		expect(await run('team', 'get', { team: byKey('billing') })).toMatchObject([
			{ key: 'billing', name: 'الفواتير', members: 0, queued: 0, handles: {} },
		]);
		await team('sales');
		expect((await run('team', 'getAll')).map(({ key }) => key)).toEqual(['sales', 'billing']);
		expect(await run('team', 'getAll', { limit: 1 })).toHaveLength(1);
		expect(await run('team', 'getAll', { returnAll: true })).toHaveLength(2);
		expect(await run('team', 'delete', { team: byKey('sales') })).toEqual([
			{ deleted: true, moved: 0, overflowCleared: [] },
		]);
		expect(await run('team', 'getAll')).toHaveLength(1);
	});

	test('agents: create with every field, change one, and what is not given stays', async () => {
		await team('billing');
		const created = await agent('nathan@example.com', {
			name: 'Nathan',
			teams: 'billing',
			capacity: 3,
			availability: 'online',
			skills: 'refunds، hardware',
			languages: 'ar, en',
			handles: '{"slack": "U012", "phone": 42}',
		});
		expect(created).toMatchObject({
			key: 'nathan@example.com',
			name: 'Nathan',
			teams: ['billing'],
			capacity: 3,
			openUnits: 0,
			availability: 'online',
			skills: ['refunds', 'hardware'],
			languages: ['ar', 'en'],
			handles: { slack: 'U012', phone: '42' },
			created: true,
			assignedFromQueue: 0,
		});
		const changed = await agent('nathan@example.com', { unlimited: true });
		expect(changed).toEqual({ ...created, capacity: null, created: false });
		expect(await run('agent', 'get', { agent: byKey('nathan@example.com') })).toMatchObject([
			{ name: 'Nathan', capacity: null },
		]);
	});

	test('agents: list by team and availability, set availability, delete', async () => {
		await team('billing');
		await team('sales');
		await agent('nathan', { teams: 'billing', availability: 'online' });
		await agent('omar', { teams: 'billing' });
		await agent('sami', { teams: 'sales', availability: 'online' });
		const keys = async (filters: INodeParameters) =>
			(await run('agent', 'getAll', { filters })).map(({ key }) => key);
		expect(await keys({})).toEqual(['nathan', 'omar', 'sami']);
		expect(await keys({ team: byKey('billing') })).toEqual(['nathan', 'omar']);
		expect(await keys({ availability: 'online' })).toEqual(['nathan', 'sami']);

		const away = { agent: byKey('sami'), availability: 'away' };
		expect(await run('agent', 'setAvailability', away)).toMatchObject([
			{ key: 'sami', availability: 'away', availabilityUntil: null, assignedFromQueue: 0 },
		]);
		const forAnHour = { agent: byKey('sami'), availability: 'online', minutes: 60 };
		const [online] = await run('agent', 'setAvailability', forAnHour);
		expect(Date.parse(String(online?.availabilityUntil))).toBeGreaterThan(Date.now());
		expect(await run('agent', 'delete', { agent: byKey('sami') })).toEqual([
			{ deleted: true, requeued: 0 },
		]);
		expect(await keys({})).toEqual(['nathan', 'omar']);
	});

	describe('availability', () => {
		const set = async (parameters: INodeParameters) =>
			(await run('agent', 'setAvailability', { agent: byKey('sami'), ...parameters }))[0]!;
		const beat = async (parameters: INodeParameters = {}) =>
			(await run('agent', 'heartbeat', { agent: byKey('sami'), ...parameters }))[0]!;
		/** Minutes from now, in whole ones. */
		const ahead = (time: unknown) => Math.round((Date.parse(String(time)) - Date.now()) / 60_000);
		const changes = async () => {
			const rows = await (
				await bench.store()
			).engine.db
				.selectFrom('events')
				.select(['source', 'actor', 'data'])
				.where('type', '=', 'availability_changed')
				.orderBy('id')
				.execute();
			return rows.map(({ data, ...by }) => {
				const { from, to } = JSON.parse(data) as Record<string, string>;
				return { ...by, from, to };
			});
		};

		test('for some minutes, with grace, set by an agent', async () => {
			await agent('sami');
			await agent('boss');
			const online = await set({
				...{ availability: 'online', minutes: 30 },
				options: { grace: 5, setBy: byKey('boss') },
			});
			expect(online).toMatchObject({ presence: 'online', absentSince: null });
			expect(ahead(online.availabilityUntil)).toBe(30);
			const away = await set({ availability: 'away', minutes: 0.5 });
			expect(Date.parse(String(away.availabilityUntil))).toBeGreaterThan(Date.now());
			expect(await changes()).toEqual([
				{ source: 'user', actor: 'boss', from: 'offline', to: 'online' },
				{ source: 'workflow', actor: null, from: 'online', to: 'away' },
			]);
		});

		test('that takes effect later', async () => {
			await agent('sami', { availability: 'online' });
			const soon = await set({ availability: 'offline', options: { delay: 3 } });
			expect(soon).toMatchObject({
				presence: 'online',
				nextAvailability: { availability: 'offline' },
			});
			expect(ahead((soon.nextAvailability as { at: string }).at)).toBe(3);
			// An option that is left over from another choice says nothing.
			const online = await set({ availability: 'online', options: { delay: 3, grace: 2 } });
			expect(online).toMatchObject({ nextAvailability: null, availabilityUntil: null });
			const both = { availability: 'away', minutes: 5, options: { delay: 3 } };
			await expect(set(both)).rejects.toThrow('cannot also have an end');
			await expect(set({ minutes: 'soon' })).rejects.toThrow("'For Minutes' is no number");
		});

		test('by heartbeats', async () => {
			await agent('sami');
			const first = await beat();
			expect(first).toMatchObject({ applied: true, presence: 'online', assignedFromQueue: 0 });
			expect(ahead(first.availabilityUntil)).toBe(10);
			const gone = await beat({ signal: 'gone' });
			expect(ahead((gone.nextAvailability as { at: string }).at)).toBe(2);
			expect(await beat({ minutes: 20, grace: 1 })).toMatchObject({ nextAvailability: null });
			await set({ availability: 'away' });
			expect(await beat()).toMatchObject({ applied: false, presence: 'away' });
			await expect(beat({ minutes: 0 })).rejects.toThrow(
				"'For Minutes' is no number of minutes from 0.1 up",
			);
		});

		test('by shifts', async () => {
			const weekly = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }];
			const made = await agent('sami', {
				hoursJson: JSON.stringify({ timeZone: 'UTC', weekly, holidays: [] }),
				followsShifts: true,
			});
			expect(made).toMatchObject({ followsShifts: true, presence: 'online' });
			expect(await agent('sami', { followsShifts: false })).toMatchObject({
				followsShifts: false,
			});
		});
	});

	test('categories: create, change, list, delete', async () => {
		await run('category', 'upsert', { name: 'Billing', description: 'Invoices' });
		await run('category', 'upsert', { name: 'Billing', description: 'Invoices and refunds' });
		expect(await run('category', 'getAll')).toEqual([
			{ name: 'Billing', description: 'Invoices and refunds' },
		]);
		expect(await run('category', 'delete', { category: byKey('Billing') })).toEqual([
			{ deleted: true },
		]);
		expect(await run('category', 'getAll')).toEqual([]);
	});

	test('conversations: get, list by status, team, assignee and time, history, unassign', async () => {
		await team('billing');
		await agent('nathan', { teams: 'billing', availability: 'online' });
		const [first, second] = [await openedItem(bench, 'amal'), await openedItem(bench, 'basma')];
		await bench.execute('autoAssignAgent', {
			parameters: { assignTo: 'team', team: byKey('billing') },
			items: [first],
		});
		const conversationId = byKey(idOf(first));
		const chosen = { conversationFrom: 'id', conversationId };
		expect(await run('conversation', 'get', chosen)).toMatchObject([
			{ conversation: { id: idOf(first) }, contact: {}, message: { text: 'Hello' } },
		]);
		const ids = async (filters: INodeParameters) =>
			(await run('conversation', 'getAll', { filters })).map((json) => idOf({ json }));
		expect(await ids({})).toEqual([idOf(second), idOf(first)]);
		expect(await ids({ status: 'unassigned' })).toEqual([idOf(second)]);
		expect(await ids({ team: byKey('billing') })).toEqual([idOf(first)]);
		expect(await ids({ agent: byKey('nathan') })).toEqual([idOf(first)]);
		expect(await ids({ openedFrom: '2999-01-01T00:00:00.000Z' })).toEqual([]);
		const history = await run('conversation', 'history', chosen);
		expect(history.map(({ type }) => type)).toEqual(
			expect.arrayContaining(['text', 'opened', 'assigned']),
		);
		const unassign = { ...chosen, requeue: false };
		expect(await run('conversation', 'unassign', unassign)).toMatchObject([
			{ conversation: { assignee: null, queue: null } },
		]);
		await closed(bench, second);
		expect(await ids({ status: 'closed' })).toEqual([idOf(second)]);
	});

	describe('a conversation changes hands', () => {
		let id: string;
		beforeEach(async () => {
			await team('billing');
			await agent('nathan', { teams: 'billing', availability: 'online', capacity: 1 });
			await agent('omar', { teams: 'billing' });
			id = idOf(await openedItem(bench, 'amal'));
		});
		const act = async (operation: string, parameters: INodeParameters = {}) =>
			await run('conversation', operation, {
				...{ conversationFrom: 'id', conversationId: byKey(id) },
				...parameters,
			});
		const history = async () =>
			(await act('history')).map(({ type, source, data }) => ({ type, source, data }));

		test('assign: also above the capacity, by a person or by the workflow', async () => {
			const assigned = { outcome: 'assigned', alreadyAssigned: false };
			const omar = { agent: byKey('omar'), assignedBy: byKey('nathan') };
			expect(await act('assign', omar)).toMatchObject([
				{ ...assigned, conversation: { assignee: { key: 'omar' } } },
			]);
			expect(await act('assign', omar)).toMatchObject([{ alreadyAssigned: true }]);
			expect(await act('assign', { agent: byKey('nathan') })).toMatchObject([assigned]);
			const sources = (await history()).filter(({ type }) => type === 'assigned');
			expect(sources.map(({ source }) => source)).toEqual(['user', 'workflow']);
		});

		test('accept and decline: only who has it', async () => {
			await act('assign', { agent: byKey('nathan') });
			const nathan = { agent: byKey('nathan') };
			expect(await act('accept', nathan)).toMatchObject([
				{ outcome: 'accepted', alreadyAccepted: false },
			]);
			expect(await act('accept', nathan)).toMatchObject([{ alreadyAccepted: true }]);
			const reason = 'لا أعرف هذا المنتج';
			expect(await act('decline', { ...nathan, reason })).toMatchObject([
				{ outcome: 'queued', escalated: false, conversation: { returns: 1, assignee: null } },
			]);
			const unassigned = (await history()).find(({ type }) => type === 'unassigned');
			expect(unassigned).toMatchObject({ source: 'user', data: { reason: `Declined: ${reason}` } });
			for (const operation of ['accept', 'decline']) {
				expect(await failureOf(act(operation, nathan))).toEqual(
					failure(
						`The agent 'nathan' does not have the conversation '${id}'`,
						'Somebody else has it by now',
					),
				);
			}
		});

		test('transfer: to a team with a comment, and to an agent', async () => {
			await act('assign', { agent: byKey('omar') });
			const toTeam = { transferTo: 'team', team: byKey('billing'), transferComment: ' VIP ' };
			expect(await act('transfer', { ...toTeam, transferredBy: byKey('omar') })).toMatchObject([
				{
					outcome: 'assigned',
					conversation: { assignee: { key: 'nathan' }, team: { key: 'billing' } },
				},
			]);
			const toAgent = { transferTo: 'agent', agent: byKey('omar') };
			expect(await act('transfer', toAgent)).toMatchObject([
				{ outcome: 'assigned', conversation: { assignee: { key: 'omar' } } },
			]);
			const entries = await run('conversation', 'history', {
				...{ conversationFrom: 'id', conversationId: byKey(id) },
			});
			expect(entries.filter(({ type }) => type === 'comment')).toMatchObject([
				{ source: 'omar', text: 'VIP' },
			]);
		});

		test('snooze and wake up', async () => {
			await act('assign', { agent: byKey('nathan') });
			expect(await act('snooze', { wakeAt: '2999-01-01T10:00:00Z' })).toMatchObject([
				{
					outcome: 'snoozed',
					conversation: { status: 'snoozed', snoozedUntil: '2999-01-01T10:00:00.000Z' },
				},
			]);
			const filters = { status: 'snoozed' };
			expect(await run('conversation', 'getAll', { filters })).toHaveLength(1);
			expect(await act('wake', { wokenBy: byKey('nathan') })).toMatchObject([
				{ outcome: 'woken', alreadyAwake: false, conversation: { status: 'open' } },
			]);
			expect(await act('wake')).toMatchObject([{ alreadyAwake: true }]);
			expect(await act('snooze')).toMatchObject([{ conversation: { snoozedUntil: null } }]);
			expect(await failureOf(act('snooze', { wakeAt: '2001-01-01T10:00:00Z' }))).toEqual(
				failure('The time at which the conversation is to wake up is over', 'Choose a later time'),
			);
		});
	});

	test('each item is paired, a list with the item that asked for it', async () => {
		await team('billing');
		await team('sales');
		const { outputs } = await bench.execute('conversationStore', {
			parameters: { resource: 'team', operation: 'getAll' },
			items: [{}, {}],
		});
		expect(outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 0 },
			{ item: 1 },
			{ item: 1 },
		]);
	});

	test.each([
		['not JSON', '{"slack": '],
		['a list', '["U012"]'],
		['a text', '"U012"'],
		['nested', '{"slack": {"id": "U012"}}'],
		['empty inside', '{"slack": null}'],
	])('refuses handles that are %s', async (_name, handles) => {
		expect(await failureOf(agent('nathan', { handles }))).toEqual(
			failure("'Handles' is not an object of texts", 'Write it like {"slack": "U012AB3CD"'),
		);
	});

	const wrong: Array<[string, string, INodeParameters, string, string]> = [
		['team', 'get', { team: byKey('gone') }, "There is no team 'gone'", 'has no teams yet'],
		['agent', 'get', { agent: byKey('gone') }, "There is no agent 'gone'", 'Create the agent'],
		[
			'agent',
			'upsert',
			{ agentKey: 'nathan', fields: { teams: 'gone' } },
			"There is no team 'gone'",
			'Create one with Conversation Store',
		],
		[
			'agent',
			'upsert',
			{ agentKey: 'nathan', fields: { capacity: 1.5 } },
			'Capacity must be a whole number (capacity)',
			'Correct the value',
		],
		['agent', 'upsert', { agentKey: '={{ "" }}' }, 'Agent key is empty (key)', 'Correct the value'],
		['team', 'upsert', { teamKey: '={{ " " }}' }, 'Team key is empty (key)', 'Correct the value'],
		[
			'category',
			'delete',
			{ category: byKey('gone') },
			"There is no category 'gone'",
			'Choose one from the list',
		],
		[
			'conversation',
			'get',
			{ conversationFrom: 'id', conversationId: byKey('gone') },
			"No conversation has the ID 'gone'",
			'Check that the item comes from',
		],
	];
	test.each(wrong)('%s %s refuses %j', async (resource, operation, parameters, sentence, hint) => {
		expect(await failureOf(run(resource, operation, parameters))).toEqual(failure(sentence, hint));
	});

	test('an agent who cannot be created does not stop the others', async () => {
		const { outputs } = await bench.execute('conversationStore', {
			parameters: { agentKey: '={{ $json.key }}' },
			items: [{ key: 'nathan' }, { key: '', from: 'a list' }, { key: 'omar' }],
			onError: 'continueRegularOutput',
		});
		expect(outputs[0]).toMatchObject([
			{ json: { key: 'nathan', created: true }, pairedItem: { item: 0 } },
			{
				json: {
					from: 'a list',
					error: 'Agent key is empty (key) [Item 1]',
					errorHint: expect.any(String),
				},
				error: { name: 'NodeOperationError' },
				pairedItem: { item: 1 },
			},
			{ json: { key: 'omar', created: true }, pairedItem: { item: 2 } },
		]);
	});

	test('as a tool it answers what an agent asks', async () => {
		await agent('nathan', { availability: 'online' });
		const { outputs } = await bench.executeAsTool('conversationStore', {
			parameters: { operation: 'get', agent: byKey('={{ $json.who }}') },
			items: [{ who: 'nathan' }],
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({ key: 'nathan', availability: 'online' });
	});
});
