import type { INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import {
	byKey,
	closed,
	expectItemShape,
	failure,
	failureOf,
	idOf,
	openedItem,
	partOf,
	team,
} from './support/samples';

const rule = (name: string, teamKey: string, ...conditions: INodeParameters[]) => ({
	name,
	match: 'all',
	team: byKey(teamKey),
	conditions: { values: conditions },
});
const mentions = (keywords: string) => ({ type: 'mentions', keywords });
const rules = (...values: INodeParameters[]) => ({ rules: { values } });

const billing = rule('Billing questions', 'billing', mentions('invoice، فاتورة'));
const arabic = rule('Arabic', 'cairo', { type: 'language', languages: 'ar' });

describe('Route to Team', () => {
	let bench: Bench;
	beforeEach(async () => {
		bench = new Bench();
		for (const key of ['billing', 'cairo', 'support']) await team(bench, key);
	});

	const opened = async (who: string, messageText: string, language = '') =>
		await openedItem(bench, who, { messageText, contactDetails: { language } });

	test('routes by the first rule that matches, and explains it in the whole item', async () => {
		const item = await opened('amal', 'وين الفاتوره؟', 'ar');
		const { outputs } = await bench.execute('routeToTeam', {
			parameters: rules(rule('Never', 'support', mentions('refund')), billing, arabic),
			items: [{ json: { ...item.json, order: 1 } }],
		});
		const routed = outputs[0]?.[0];
		expect(outputs[1]).toEqual([]);
		expectItemShape(routed, ['order', 'route']);
		expect(routed).toMatchObject({
			pairedItem: { item: 0 },
			json: {
				order: 1,
				conversation: { id: idOf(item), team: { key: 'billing', name: 'billing' } },
				route: {
					team: 'billing',
					ruleIndex: 1,
					ruleName: 'Billing questions',
					usedFallback: false,
					dryRun: false,
					reason: expect.stringContaining('Billing questions'),
					checked: [
						{ rule: 'Never', matched: false, why: expect.any(String) },
						{ rule: 'Billing questions', matched: true, why: expect.any(String) },
					],
				},
			},
		});
	});

	test('several items leave by the output of their own decision, paired', async () => {
		const items = [
			await opened('amal', 'my invoice'),
			await opened('basma', 'hello'),
			await opened('carim', 'Invoice!'),
		];
		const { outputs } = await bench.execute('routeToTeam', { parameters: rules(billing), items });
		expect(outputs.map((side) => side.map(({ pairedItem }) => pairedItem))).toEqual([
			[{ item: 0 }, { item: 2 }],
			[{ item: 1 }],
		]);
		expect(outputs[1]?.[0]?.json).toMatchObject({
			conversation: { team: null },
			route: { team: null, ruleIndex: null },
		});
	});

	test('the fallback team gets what no rule matches', async () => {
		const { outputs } = await bench.execute('routeToTeam', {
			parameters: { ...rules(billing), fallbackTeam: byKey('support') },
			items: [await opened('amal', 'hello')],
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({
			conversation: { team: { key: 'support' } },
			route: { team: 'support', usedFallback: true },
		});
	});

	test.each([
		{ type: 'always' },
		{ type: 'channel', channels: 'whatsapp, email' },
		{ type: 'country', countries: 'sa; eg' },
		{ type: 'language', languages: 'ar' },
		{ type: 'tag', tags: 'vip' },
		{ type: 'contactIs', contactIs: 'returning' },
	])('the condition %j holds for an Arabic VIP from Egypt who is back', async (condition) => {
		await closed(bench, await opened('amal', 'first'));
		const item = await opened('amal', 'second', 'ar');
		const store = await bench.store();
		await store.enrichContact({
			contactKey: String(partOf(item, 'contact').key),
			conversationId: null,
			writes: [{ field: 'country', value: 'EG', source: 'input', mode: 'overwrite' }],
			addTags: ['vip'],
			source: 'workflow',
		});
		const { conversation } = await store.getOpenConversation('amal');
		const { outputs } = await bench.execute('routeToTeam', {
			parameters: rules(rule('The only one', 'cairo', condition)),
			items: [{ conversation: { id: conversation.id } }],
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({ route: { ruleName: 'The only one' } });
	});

	test('any condition is enough where the rule says so', async () => {
		const both = [mentions('refund'), mentions('invoice')];
		const run = async (match: string) => {
			const { outputs } = await bench.execute('routeToTeam', {
				parameters: rules({ ...rule('R', 'billing', ...both), match }),
				items: [await opened('amal', 'an invoice')],
			});
			return outputs[0]?.length;
		};
		expect([await run('all'), await run('any')]).toEqual([0, 1]);
	});

	test('a dry run decides and changes nothing', async () => {
		const item = await opened('amal', 'invoice');
		const { outputs } = await bench.execute('routeToTeam', {
			parameters: { ...rules(billing), options: { dryRun: true } },
			items: [item],
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({
			conversation: { team: null },
			route: { team: 'billing', dryRun: true },
		});
		const { conversation } = await (await bench.store()).getConversation(idOf(item));
		expect(conversation.team).toBeNull();
	});

	test('refuses a rule without a team', async () => {
		const run = bench.execute('routeToTeam', {
			parameters: rules(billing, rule('No team', '', mentions('x'))),
			items: [await opened('amal', 'invoice')],
			incomplete: true,
		});
		expect(await failureOf(run)).toEqual(failure('Rule 2 has no team', "Choose the rule's team"));
	});

	test('refuses a team that does not exist, and names those that do', async () => {
		const run = bench.execute('routeToTeam', {
			parameters: rules(rule('Gone', 'sales', { type: 'always' })),
			items: [await opened('amal', 'invoice')],
		});
		expect(await failureOf(run)).toEqual(
			failure(
				"Rule 1 'Gone' routes to the team 'sales', which does not exist",
				'Teams in this workspace: billing, cairo, support',
			),
		);
	});

	test('one closed conversation among good ones leaves by Unrouted', async () => {
		const items = [await opened('amal', 'invoice'), await opened('basma', 'invoice')];
		await closed(bench, items[0]!);
		const { outputs } = await bench.execute('routeToTeam', {
			parameters: rules(billing),
			items,
			onError: 'continueRegularOutput',
		});
		expect(outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
		expect(outputs[1]?.[0]).toMatchObject({
			pairedItem: { item: 0 },
			json: {
				error: `The conversation '${idOf(items[0])}' is closed [Item 0]`,
				errorHint: expect.stringContaining('The next message of the contact opens a new'),
			},
		});
	});

	test('stops at a closed conversation otherwise', async () => {
		const item = await opened('amal', 'invoice');
		await closed(bench, item);
		const run = bench.execute('routeToTeam', { parameters: rules(billing), items: [item] });
		expect(await failureOf(run)).toEqual(
			failure(`The conversation '${idOf(item)}' is closed`, 'It was closed before'),
		);
	});

	test('as a tool it says by its only output that no rule matched', async () => {
		const id = idOf(await opened('amal', 'hello'));
		const { outputs } = await bench.executeAsTool('routeToTeam', {
			parameters: { conversationFrom: 'id', conversationId: byKey(id), ...rules(billing) },
			items: [{}],
		});
		expect(outputs).toHaveLength(1);
		expect(outputs[0]?.[0]?.json).toMatchObject({ conversation: { id }, route: { team: null } });
	});
});
