import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { FieldWrite } from '../../nodes/store/operations/enrichContact';
import { Bench } from './support/bench';
import {
	byKey,
	closed,
	deliveredItem,
	failure,
	failureOf,
	idOf,
	openedItem,
	partOf,
	team,
} from './support/samples';

const rule = (condition: INodeParameters, teamKey = 'billing', name = 'R'): INodeParameters => ({
	...{ name, team: byKey(teamKey) },
	conditions: { values: [condition] },
});
const rules = (...values: INodeParameters[]) => ({ rules: { values } });

/** A custom condition as the editor saves it. */
const custom = (
	leftValue: unknown,
	operator: { type: string; operation: string },
	rightValue: unknown = '',
): INodeParameters => ({
	type: 'custom',
	filter: {
		options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
		conditions: [{ id: '1', leftValue, operator, rightValue }],
		combinator: 'and',
	} as never,
});
const text = (operation: string) => ({ type: 'string', operation });
const number = (operation: string) => ({ type: 'number', operation });

describe('the conditions of Route to Team', () => {
	let bench: Bench;
	beforeEach(async () => {
		bench = new Bench();
		for (const key of ['billing', 'cairo', 'support']) await team(bench, key);
	});

	const routed = async (item: INodeExecutionData, parameters: INodeParameters) => {
		const { outputs } = await bench.execute('routeToTeam', { parameters, items: [item] });
		return (outputs.flat()[0]?.json.route as { team: string | null; reason: string }) ?? {};
	};
	const teamFor = async (item: INodeExecutionData, ...given: INodeParameters[]) =>
		(await routed(item, rules(...given))).team;
	const save = async (item: INodeExecutionData, field: string, value: unknown) =>
		await (
			await bench.store()
		).enrichContact({
			contactKey: String(partOf(item, 'contact').key),
			conversationId: null,
			writes: [{ field, value, source: 'input', mode: 'overwrite' } as FieldWrite],
			addTags: [],
			source: 'workflow',
		});

	test.each<[INodeParameters, INodeParameters]>([
		[
			{ type: 'channel', channelNames: ['email'], not: false },
			{ type: 'channel', channelNames: ['whatsapp'], channels: 'fax' },
		],
		[
			{ type: 'channel', channels: 'EMAIL' },
			{ type: 'channel', channelNames: ['email'], not: true },
		],
		[
			{ type: 'field', field: 'Plan', operator: 'isAnyOf', value: 'silver, gold' },
			{ type: 'field', field: 'plan', operator: 'isEmpty' },
		],
		[
			{ type: 'field', field: 'name', operator: 'isNotEmpty' },
			{ type: 'field', field: 'orders', operator: 'lessThan', value: '3' },
		],
		[
			{ type: 'language', languages: 'ar', not: true },
			{ type: 'mentions', keywords: 'invoice', not: true },
		],
		[
			{ type: 'ad', adBy: 'any', not: true },
			{ type: 'ad', adBy: 'id', adValues: '12' },
		],
		[
			{ type: 'hours', hours: 'inside' },
			{ type: 'hours', hours: 'outside', hoursTeam: byKey('cairo') },
		],
	])('%j holds, %j does not', async (holds, doesNot) => {
		const item = await openedItem(bench, 'amal', {
			messageText: 'my invoice',
			contactDetails: { name: 'Amal' },
		});
		await save(item, 'plan', 'Gold');
		await save(item, 'orders', 12);
		expect(await teamFor(item, rule(doesNot, 'cairo'), rule(holds))).toBe('billing');
	});

	test('an intent that was found counts', async () => {
		const item = await openedItem(bench, 'amal');
		const store = await bench.store();
		await store.engine.db
			.updateTable('conversations')
			.set({ intent: 'Refund' })
			.where('id', '=', idOf(item))
			.execute();
		expect(await teamFor(item, rule({ type: 'intent', intents: 'order, refund' }))).toBe('billing');
	});

	test('an ad that led here counts', async () => {
		const item = await deliveredItem(bench, 'amal');
		const message = {
			...partOf(item, 'message'),
			referral: { source_id: '120', headline: 'Summer sale' },
		};
		const fromAd = { json: { ...item.json, message } };
		const words = { type: 'ad', adBy: 'words', adValues: 'winter; SUMMER' };
		expect(await teamFor(fromAd, rule({ type: 'ad', adBy: 'id', adValues: '120' }))).toBe(
			'billing',
		);
		expect(await teamFor(fromAd, rule(words))).toBe('billing');
		expect(await teamFor(item, rule({ type: 'ad' }))).toBeNull();
	});

	test('Match Exactly counts case and letter forms', async () => {
		const item = await openedItem(bench, 'amal', { messageText: 'وين الفاتوره؟' });
		const given = rules(rule({ type: 'mentions', keywords: 'فاتورة' }));
		expect((await routed(item, given)).team).toBe('billing');
		const exactly = { ...given, options: { matchExactly: true } };
		expect((await routed(item, exactly)).team).toBeNull();
	});

	describe('a custom condition', () => {
		test('reads the whole item, as the Filter node does', async () => {
			const item = await openedItem(bench, 'amal');
			const withOrder = { json: { ...item.json, order: { total: 250, city: 'Cairo' } } };
			expect(
				await teamFor(
					withOrder,
					rule(custom('={{ $json.order.city }}', text('equals'), 'Giza'), 'cairo'),
					rule(custom('={{ $json.order.total }}', number('gt'), 100)),
				),
			).toBe('billing');
		});

		test('case does not count, unless everything is to match exactly', async () => {
			const item = { json: { ...(await openedItem(bench, 'amal')).json, city: 'cairo' } };
			const given = rules(rule(custom('={{ $json.city }}', text('equals'), 'CAIRO')));
			expect((await routed(item, given)).team).toBe('billing');
			const exactly = { ...given, options: { matchExactly: true } };
			expect((await routed(item, exactly)).team).toBeNull();
		});

		test('texts that are numbers are compared as such; if that is off, the rule is named', async () => {
			const item = { json: { ...(await openedItem(bench, 'amal')).json, total: '250' } };
			const given = rules(
				rule({ type: 'contactIs', contactIs: 'returning' }, 'cairo'),
				rule(custom('={{ $json.total }}', number('gt'), 100), 'billing', 'Large orders'),
			);
			expect((await routed(item, given)).team).toBe('billing');
			const strict = { ...given, options: { convertTypes: false } };
			expect(await failureOf(routed(item, strict))).toEqual(
				failure(
					"Rule 2 'Large orders' cannot be judged: its custom condition compares values of different types",
					"'Convert Types Where Required'",
				),
			);
		});

		test('what cannot be a number fails, without a word of what it was', async () => {
			const item = { json: { ...(await openedItem(bench, 'amal')).json, total: 'my secret' } };
			const given = rules(rule(custom('={{ $json.total }}', number('gt'), 100)));
			const { message, description } = await failureOf(routed(item, given));
			expect(message).toContain("Rule 1 'R' cannot be judged");
			expect(`${message} ${description}`).not.toContain('secret');
		});

		test('a rule that would not be reached fails nothing', async () => {
			const item = { json: { ...(await openedItem(bench, 'amal')).json, total: 'many' } };
			const broken = rule(custom('={{ $json.total }}', number('gt'), 100), 'cairo');
			expect(await teamFor(item, rule({ type: 'always' }), broken)).toBe('billing');
		});

		test('one that is still empty takes nothing', async () => {
			const item = await openedItem(bench, 'amal');
			expect(await teamFor(item, rule({ type: 'custom' }))).toBeNull();
			const { team: taken, reason } = await routed(
				item,
				rules(rule(custom('', text('equals'), ''))),
			);
			expect({ taken, reason }).toEqual({
				taken: null,
				reason: 'No rule matched, and there is no fallback team.',
			});
			expect(await teamFor(item, rule(custom('={{ $json.nothing }}', text('empty'))))).toBe(
				'billing',
			);
		});
	});

	describe('teams that cannot take it', () => {
		const shut = { timeZone: 'Africa/Cairo', weekly: [], holidays: [] };
		const over = (overflow: string) => ({
			...rules(rule({ type: 'always' })),
			options: { overflow },
		});

		test('hand over when closed, or when nobody is online', async () => {
			const store = await bench.store();
			await store.upsertTeam({ key: 'billing', overflowTeam: 'support' });
			const route = async (who: string, overflow: string) =>
				(await routed(await openedItem(bench, who), over(overflow))).team;
			expect(await route('a', 'whenClosed')).toBe('billing');
			expect(await route('b', 'whenClosedOrNobodyOnline')).toBe('billing');
			await team(bench, 'support', { sara: null });
			expect(await route('c', 'whenClosedOrNobodyOnline')).toBe('support');
			await store.upsertTeam({ key: 'billing', hours: shut });
			expect(await route('d', 'keep')).toBe('billing');
			const item = await openedItem(bench, 'e');
			const { outputs } = await bench.execute('routeToTeam', {
				parameters: over('whenClosed'),
				items: [item],
			});
			expect(outputs[0]?.[0]?.json).toMatchObject({
				conversation: { team: { key: 'support' } },
				route: { team: 'support', overflow: [{ from: 'billing', to: 'support' }] },
			});
		});

		test('are asked for by a rule about business hours', async () => {
			const store = await bench.store();
			await store.upsertTeam({ key: 'billing', hours: shut });
			const item = await openedItem(bench, 'amal');
			const outside = { type: 'hours', hours: 'outside', hoursTeam: byKey('billing') };
			expect(await teamFor(item, rule(outside, 'cairo'))).toBe('cairo');
			const unknown = { ...outside, hoursTeam: byKey('gone') };
			const run = teamFor(item, rule(unknown, 'cairo', 'At night'));
			expect(await failureOf(run)).toEqual(
				failure(
					"Rule 1 'At night' asks for the business hours of the team 'gone', which does not exist",
					'Teams in this workspace: billing, cairo, support',
				),
			);
		});
	});

	test('a contact who is back goes to the last team, for so many days', async () => {
		const store = await bench.store();
		const first = await openedItem(bench, 'amal');
		await routed(first, rules(rule({ type: 'always' }, 'cairo')));
		await closed(bench, first);
		const sticky = (days: number, order: string) => ({
			...rules(rule({ type: 'always' })),
			options: { lastTeam: { values: { days, order } } },
		});
		const back = await openedItem(bench, 'amal');
		expect(await routed(back, sticky(30, 'beforeRules'))).toMatchObject({
			...{ team: 'cairo', via: 'sticky' },
			reason: expect.stringContaining("the conversation with 'cairo' ended less than 30 days ago"),
		});
		expect((await routed(back, sticky(30, 'whenNoRuleMatches'))).team).toBe('billing');
		const { closed_at } = await store.engine.db
			.selectFrom('conversations')
			.select('closed_at')
			.where('id', '=', idOf(first))
			.executeTakeFirstOrThrow();
		await store.engine.db
			.updateTable('conversations')
			.set({ closed_at: Number(closed_at) - 31 * 24 * 3_600_000 })
			.where('id', '=', idOf(first))
			.execute();
		expect((await routed(back, sticky(30, 'beforeRules'))).team).toBe('billing');
		const added = { ...rules(), options: { lastTeam: {} } };
		expect((await routed(back, added)).team).toBeNull();
	});

	test('refuses a fallback team that does not exist', async () => {
		const run = routed(await openedItem(bench, 'amal'), { fallbackTeam: byKey('gone') });
		expect(await failureOf(run)).toEqual(
			failure("The fallback team is the team 'gone', which does not exist", 'Teams in this'),
		);
	});

	test('an agent whom a person chose keeps it, and the operator is told', async () => {
		const store = await bench.store();
		await team(bench, 'cairo', { cem: null });
		const item = await openedItem(bench, 'amal');
		await routed(item, rules(rule({ type: 'always' }, 'cairo')));
		await store.assignConversation({
			conversationId: idOf(item),
			to: { kind: 'agent', agent: 'cem' },
			policy: { strategy: 'roundRobin', onlyOnline: true, maxOpen: null },
			...{ exclude: [], source: 'user' },
		});
		const again = async (overridesPeople: boolean) =>
			await bench.execute('routeToTeam', {
				parameters: { ...rules(rule({ type: 'always' })), options: { overridesPeople } },
				items: [item],
			});
		const kept = await again(false);
		expect(kept.hints).toEqual([expect.stringContaining('keeps its agent')]);
		expect(kept.outputs[0]?.[0]?.json).toMatchObject({
			conversation: { team: { key: 'billing' }, assignee: { key: 'cem' } },
		});
		await routed(item, rules(rule({ type: 'always' }, 'support')));
		const taken = await again(true);
		expect(taken.outputs[0]?.[0]?.json).toMatchObject({ conversation: { assignee: null } });
	});
});
