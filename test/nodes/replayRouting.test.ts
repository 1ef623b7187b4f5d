import type { IDataObject, INode, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import { byKey, closed, idOf, openedItem, partOf, team } from './support/samples';

const DAY = 24 * 60 * 60_000;

const rule = (teamKey: string, ...conditions: INodeParameters[]): INodeParameters => ({
	...{ name: `To ${teamKey}`, match: 'all', team: byKey(teamKey) },
	conditions: { values: conditions },
});
const mentions = (keywords: string): INodeParameters => ({ type: 'mentions', keywords });
const custom = (leftValue: string, rightValue: string): INodeParameters => ({
	type: 'custom',
	filter: {
		options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
		conditions: [
			{ id: '1', leftValue, operator: { type: 'string', operation: 'equals' }, rightValue },
		],
		combinator: 'and',
	} as never,
});
const rules = (...values: INodeParameters[]): INodeParameters => ({ rules: { values } });
const billing = rule('billing', mentions('invoice، فاتورة'));

describe('Conversation Store: Replay Routing', () => {
	let bench: Bench;
	beforeEach(async () => {
		bench = new Bench();
		for (const key of ['billing', 'cairo', 'support']) await team(bench, key);
	});

	const opened = async (who: string, messageText: string, language = '') =>
		await openedItem(bench, who, { messageText, contactDetails: { language } });
	const route = async (item: INodeExecutionData, parameters: INodeParameters) =>
		await bench.execute('routeToTeam', { parameters, items: [item] });
	const replay = async (parameters: INodeParameters, others: INode[] = []) => {
		const { outputs } = await bench.execute('conversationStore', {
			parameters: { resource: 'conversation', operation: 'replayRouting', ...parameters },
			others,
		});
		return outputs.flat().map(({ json }) => json);
	};
	const summary = async (parameters: INodeParameters) => (await replay(parameters))[0]!;
	const conversations = async (parameters: INodeParameters, all = true) =>
		await replay({ replayOutput: 'conversations', onlyDifferent: !all, ...parameters });
	const eventCount = async () =>
		(await (await bench.store()).engine.db.selectFrom('events').select('id').execute()).length;

	/** Every kind of condition, and everything that may come after the rules. */
	const everything: INodeParameters = {
		...rules(
			rule('billing', { type: 'hours', hours: 'outside', hoursTeam: byKey('cairo') }),
			rule('cairo', { type: 'language', languages: 'ar' }, { type: 'tag', tags: 'vip', not: true }),
			rule('billing', mentions('invoice'), { type: 'channel', channelNames: ['email'] }),
			rule('support', { type: 'field', field: 'plan', operator: 'is', value: 'gold' }),
			rule('support', { type: 'intent', intents: 'refund' }, { type: 'country', countries: 'EG' }),
			rule('cairo', { type: 'ad', adBy: 'any' }),
			rule('billing', custom('={{ $json.message.text }}', 'hi')),
			rule('cairo', { type: 'contactIs', contactIs: 'returning' }, mentions('again')),
		),
		options: {
			overflow: 'whenClosedOrNobodyOnline',
			lastTeam: { values: { days: 7, order: 'whenNoRuleMatches' } },
		},
	};

	async function pastOf(parameters: INodeParameters) {
		const store = await bench.store();
		await store.upsertTeam({ key: 'support', overflowTeam: 'cairo' });
		await team(bench, 'billing', { bob: null });
		await team(bench, 'cairo', { cem: null });
		const words = ['my invoice', 'وين الفاتوره؟', 'hi', 'hello again', 'nothing', ''];
		for (const [index, text] of words.entries()) {
			const item = await opened(`c${index}`, text, index === 1 ? 'ar' : '');
			await store.enrichContact({
				contactKey: String(partOf(item, 'contact').key),
				conversationId: null,
				writes: [
					...(index === 4 ? [{ field: 'plan', value: 'Gold' }] : []),
					{ field: 'country', value: 'EG' },
				].map((each) => ({ ...each, source: 'input', mode: 'overwrite' as const })),
				addTags: [],
				source: 'workflow',
			});
			await route(item, parameters);
			await closed(bench, item);
			await route(await opened(`c${index}`, 'back'), parameters);
		}
	}

	test('the very rules that ran give no difference', async () => {
		await pastOf(everything);
		// What is known of contacts now is not what was known then.
		const store = await bench.store();
		for (let index = 0; index < 6; index++) {
			const { key } = await store.findContact(`c${index}`);
			await store.enrichContact({
				...{ contactKey: key, conversationId: null, addTags: ['vip'], source: 'workflow' },
				writes: [{ field: 'language', value: 'fr', source: 'input', mode: 'overwrite' }],
			});
		}
		await team(bench, 'support', { sara: null });
		const before = await eventCount();
		const found = await summary(everything);
		expect(found).toMatchObject({
			...{ conversations: 12, same: 12, different: 0, differentShare: 0, undecidable: 0 },
			...{ factsRecorded: 12, assumedOnline: 0, neverRouted: 0, moves: [], missingTeams: [] },
		});
		expect((found.via as IDataObject).rule).toBeGreaterThan(0);
		expect((found.via as IDataObject).lastTeam).toBeGreaterThan(0);
		expect(found.overflowed).toBeGreaterThan(0);
		expect(await conversations(everything, false)).toEqual([]);
		expect(await eventCount()).toBe(before);
	});

	test('other rules: who would have gone where, and what that changes', async () => {
		const items = [];
		for (const [who, text] of Object.entries({
			amal: 'my invoice',
			basma: 'a refund',
			carim: 'hi',
		})) {
			items.push(await opened(who, text));
		}
		for (const item of items) await route(item, rules(billing));
		const tried = {
			...rules(
				rule('billing', mentions('refund')),
				rule('cairo', mentions('invoice')),
				rule('support', mentions('bill, invoice')),
				rule('support', mentions('nobody says this')),
			),
			fallbackTeam: byKey('support'),
		};
		expect(await summary(tried)).toEqual({
			openedAfter: expect.any(String),
			openedBefore: expect.any(String),
			...{ conversations: 3, same: 0, different: 3, differentShare: 1, undecidable: 0 },
			...{ textGone: 0, factsRecorded: 3, assumedOnline: 0, overflowed: 0, neverRouted: 0 },
			via: { rule: 2, lastTeam: 0, fallback: 1, unrouted: 0 },
			teams: [
				{ team: null, happened: 2, wouldGo: 0, change: -2 },
				{ team: 'billing', happened: 1, wouldGo: 1, change: 0 },
				{ team: 'cairo', happened: 0, wouldGo: 1, change: 1 },
				{ team: 'support', happened: 0, wouldGo: 1, change: 1 },
			],
			moves: expect.arrayContaining([
				{ from: 'billing', to: 'cairo', conversations: 1 },
				{ from: null, to: 'billing', conversations: 1 },
				{ from: null, to: 'support', conversations: 1 },
			]),
			rules: [
				["Rule 1 'To billing'", 'billing', 1, 0, 'matches'],
				["Rule 2 'To cairo'", 'cairo', 1, 0, 'matches'],
				["Rule 3 'To support'", 'support', 0, 1, 'shadowed'],
				["Rule 4 'To support'", 'support', 0, 0, 'neverMatches'],
			].map(([name, key, matched, takenByEarlier, verdict]) => ({
				...{ rule: name, team: key, matched, takenByEarlier, undecidable: 0, verdict },
			})),
			...{ missingTeams: [], notes: [] },
		});
		const [first] = await conversations(tried);
		expect(first).toEqual({
			conversationId: idOf(items[0]),
			openedAt: partOf(items[0], 'conversation').openedAt,
			channel: 'email',
			contactKey: partOf(items[0], 'contact').key,
			happened: { team: 'billing', via: 'rule', rule: "Rule 1 'To billing'" },
			movedTo: null,
			wouldGo: {
				...{ team: 'cairo', via: 'rule', rule: "Rule 2 'To cairo'" },
				reason: "Rule 2 'To cairo' matched: the message mentions 'invoice'.",
			},
			...{ differs: true, undecided: null, factsFrom: 'recorded', textGone: false },
			...{ assumedOnline: false, messageEdited: false, neverRouted: false },
		});
	});

	test('only what differs, of a team, of a channel, so many, of a period', async () => {
		for (const [who, text] of Object.entries({ a: 'invoice', b: 'refund', c: 'hello' })) {
			await route(await opened(who, text), rules(billing));
		}
		const tried = rules(rule('cairo', mentions('refund')), billing);
		const teamsOf = async (parameters: INodeParameters, all = true) =>
			(await conversations({ ...tried, ...parameters }, all)).map(({ wouldGo }) =>
				wouldGo ? (wouldGo as IDataObject).team : undefined,
			);
		expect(await teamsOf({})).toEqual(['billing', 'cairo', null]);
		expect(await teamsOf({}, false)).toEqual(['cairo']);
		expect(await teamsOf({ limit: 2 })).toEqual(['billing', 'cairo']);
		expect(await teamsOf({ limit: 1, returnAll: false })).toEqual(['billing']);
		expect(await teamsOf({ returnAll: true })).toHaveLength(3);
		expect(await teamsOf({ filters: { team: byKey('cairo') } })).toEqual(['cairo']);
		expect(await teamsOf({ filters: { channel: 'whatsapp' } })).toEqual([]);
		expect(await teamsOf({ openedBefore: '2020-01-01T00:00:00' })).toEqual([]);
		const tomorrow = new Date(Date.now() + DAY).toISOString();
		expect(await teamsOf({ openedAfter: '2020-01-01', openedBefore: tomorrow })).toHaveLength(3);
	});

	test('what nobody can say is said to be so', async () => {
		const store = await bench.store();
		const gone = await opened('amal', 'my invoice');
		await route(gone, rules(billing));
		await closed(bench, gone);
		await store.engine.db
			.updateTable('conversations')
			.set({ closed_at: store.clock() - 2 * DAY })
			.where('id', '=', idOf(gone))
			.execute();
		await store.setRetention({ days: 1, source: 'user' });
		await store.applyRetention();
		await opened('basma', 'my invoice');
		await route(await opened('erased', 'my invoice'), rules(billing));
		await store.eraseContact({ contact: 'erased', source: 'user' });
		const found = await conversations(rules(rule('cairo', mentions('refund')), billing));
		expect(found.map(({ differs, undecided, textGone }) => [differs, undecided, textGone])).toEqual(
			[
				[
					null,
					"Rule 1 'To cairo' cannot be judged: what the message said is no longer known.",
					true,
				],
				[true, null, false],
				[null, 'The contact was erased, and with it what rules look at.', true],
			],
		);
		expect(found[1]).toMatchObject({
			...{ factsFrom: 'now', neverRouted: true },
			happened: { team: null, via: null, rule: null },
		});
		expect(await summary(rules(rule('cairo', mentions('refund')), billing))).toMatchObject({
			...{ conversations: 3, undecidable: 2, textGone: 2, factsRecorded: 1, neverRouted: 1 },
			rules: [{ undecidable: 1 }, { matched: 1 }],
			notes: [
				expect.stringMatching(/^2 first messages are no longer there/),
				expect.stringMatching(/^For 2 conversations language, country/),
				expect.stringMatching(/^1 conversations were never routed/),
			],
		});
	});

	test('custom conditions: what the item still says is read, the rest is unknown', async () => {
		const item = await opened('amal', 'hi', 'ar');
		await route(
			{ json: { ...item.json, order: 'big' } },
			rules(rule('cairo', custom('={{ $json.order }}', 'big'))),
		);
		const tryOut = async (condition: INodeParameters, values: INodeParameters = {}) => {
			const [found] = await conversations({ ...rules(rule('cairo', condition)), ...values });
			return (found?.undecided ?? (found?.wouldGo as IDataObject).team) as string | null;
		};
		expect(await tryOut(custom('={{ $json.message.text }}', 'HI'))).toBe('cairo');
		expect(await tryOut(custom('={{$json["contact"]["language"]}}', 'ar'))).toBe('cairo');
		expect(await tryOut(custom("={{ $json?.contact?.fields['plan'] }}", 'gold'))).toBeNull();
		expect(await tryOut(custom('={{ $json.conversation.channel }}', 'email'))).toBe('cairo');
		expect(await tryOut(custom('plain', 'plain'))).toBe('cairo');
		expect(await tryOut(custom('={{ $json.order }}', 'big'))).toContain('keep $json.order of then');
		expect(await tryOut(custom('={{ $json.conversation.status }}', 'open'))).toContain(
			'keep $json.conversation.status of then',
		);
		expect(await tryOut(custom('={{ $json.message.text.length }} x', 'x'))).toContain(
			'has no value for the past',
		);
		expect(await tryOut(custom('={{ $now }}', 'x'))).toContain('has no value for the past');
	});

	test('who was online then is assumed where nobody recorded it', async () => {
		await (await bench.store()).upsertTeam({ key: 'billing', overflowTeam: 'support' });
		await route(await opened('amal', 'invoice'), rules(billing));
		const tried = { ...rules(billing), options: { overflow: 'whenClosedOrNobodyOnline' } };
		expect(await summary(tried)).toMatchObject({
			...{ same: 1, assumedOnline: 1 },
			notes: [
				expect.stringContaining('Business hours'),
				expect.stringContaining('nobody recorded who was online'),
			],
		});
	});

	test('a conversation that was moved on says where it is now', async () => {
		const item = await opened('amal', 'invoice');
		await route(item, rules(billing));
		await route(item, rules(rule('cairo', { type: 'always' })));
		expect(await conversations(rules(billing))).toMatchObject([
			{ happened: { team: 'billing' }, movedTo: 'cairo', differs: false },
		]);
	});

	describe('takes the rules', () => {
		const node = (parameters: INodeParameters, name = 'Router') => {
			const made = bench.nodeOf('routeToTeam', { parameters });
			return { ...made, name, id: name };
		};
		const tried = rules(rule('cairo', mentions('invoice')));
		const wentTo = (found: IDataObject[]) =>
			found.map(({ wouldGo }) => (wouldGo as IDataObject).team);
		const all = { replayOutput: 'conversations', onlyDifferent: false };

		test('of a node of this workflow, which need not have run', async () => {
			await opened('amal', 'invoice');
			const others = [node(tried), node({}, 'Another')];
			const from = { ...all, rulesFrom: 'node' };
			expect(wentTo(await replay({ ...from, routeNode: 'Router' }, others))).toEqual(['cairo']);
			await expect(replay({ ...from, routeNode: 'Nobody' }, others)).rejects.toMatchObject({
				message: "This workflow has no node with the name 'Nobody' [Item 0]",
			});
			await expect(replay({ ...from, routeNode: 'Another' }, others)).rejects.toThrow(
				'There are no rules to replay',
			);
		});

		test('of a copied node, as the canvas gives it', async () => {
			await opened('amal', 'invoice');
			const { parameters, ...rest } = node({});
			// The editor saves only what is not at its default.
			const saved = {
				rules: {
					values: [{ team: byKey('cairo'), conditions: { values: [{ keywords: 'invoice' }] } }],
				},
			};
			expect(parameters).not.toEqual(saved);
			const copied = { ...rest, parameters: saved };
			const paste = async (value: unknown) =>
				wentTo(await replay({ ...all, rulesFrom: 'paste', copiedNode: value as never }));
			const set = { ...copied, type: 'n8n-nodes-base.set', parameters: {} };
			expect(await paste(JSON.stringify({ nodes: [set, copied], connections: {} }))).toEqual([
				'cairo',
			]);
			expect(await paste(JSON.stringify(copied))).toEqual(['cairo']);
			expect(await paste(JSON.stringify(saved))).toEqual(['cairo']);
			await expect(paste(JSON.stringify({ nodes: [copied, copied] }))).rejects.toThrow(
				'holds 2 Route to Team nodes',
			);
			await expect(paste('{"nodes": []}')).rejects.toThrow('holds no Route to Team node');
			await expect(paste('[]')).rejects.toThrow('is no JSON of a node');
		});

		test('and says which of them have no value for the past', async () => {
			await opened('amal', 'invoice');
			const copy = (changes: INodeParameters) => ({
				...{ ...all, rulesFrom: 'node', routeNode: 'Router' },
				...changes,
			});
			const uncertain = rules(rule('cairo', mentions('={{ $json.words }}')), billing);
			const [found] = await replay(copy({}), [node(uncertain)]);
			expect(found).toMatchObject({
				wouldGo: null,
				undecided:
					"Rule 1 'To cairo' cannot be judged: it uses an expression, which has no value for the past.",
			});
			const fallback = { ...byKey(''), value: '={{ $json.team }}' };
			await expect(replay(copy({}), [node({ ...tried, fallbackTeam: fallback })])).rejects.toThrow(
				"'Fallback Team' or an option is an expression",
			);
		});

		test('and refuses a period that ends before it begins, and what is no date', async () => {
			await expect(
				summary({ ...tried, openedAfter: '2026-02-01', openedBefore: '2026-01-01' }),
			).rejects.toThrow("'Opened After' is not before 'Opened Before'");
			await expect(summary({ ...tried, openedAfter: 'soon' })).rejects.toThrow(
				"'Opened After' is no date and time",
			);
		});
	});

	test('a team that does not exist is told', async () => {
		await opened('amal', 'invoice');
		expect(await summary(rules(rule('gone', mentions('invoice'))))).toMatchObject({
			missingTeams: ['gone'],
			notes: expect.arrayContaining(['These teams do not exist: gone']),
		});
	});
});
