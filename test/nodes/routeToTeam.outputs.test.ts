import { Workflow, type INodeParameters } from 'n8n-workflow';
import { hints } from '../../nodes/RouteToTeam/hints';
import { OUTPUTS, outputFor, teamsWithOutput } from '../../nodes/RouteToTeam/outputs';
import { Bench } from './support/bench';
import { filledParameters, nodeNamed, nodeTypes, outputsOf, PACKAGE } from './support/nodeTypes';
import { byKey, openedItem, team } from './support/samples';

const listed = (key: string, name: string) => ({
	...{ __rl: true, mode: 'list', value: key, cachedResultName: name },
});
const always = { values: [{ type: 'always' }] };
const to = (
	teamLocator: INodeParameters | string,
	more: INodeParameters = {},
): INodeParameters => ({
	...{ team: teamLocator, conditions: always },
	...more,
});
const perTeam = (...values: INodeParameters[]): INodeParameters => ({
	outputMode: 'perTeam',
	rules: { values },
});

describe('the outputs of Route to Team', () => {
	test('are two unless each team is to have one', () => {
		expect(outputsOf('routeToTeam')).toEqual(['Routed', 'Unrouted']);
		expect(outputsOf('routeToTeam', { rules: { values: [to(byKey('a'))] } })).toHaveLength(2);
	});

	test('one per team: Unrouted, Other Team, then each team at its first rule', () => {
		expect(
			outputsOf(
				'routeToTeam',
				perTeam(
					to(listed('billing', 'Billing')),
					to(byKey('cairo')),
					to(listed('billing', 'Billing')),
					to({ ...byKey(''), value: '={{ $json.team }}' }),
					to(byKey('')),
					to(listed('sales', 'المبيعات')),
				),
			),
		).toEqual(['Unrouted', 'Other Team', 'Billing', 'cairo', 'المبيعات']);
		expect(outputsOf('routeToTeam', perTeam())).toEqual(['Unrouted', 'Other Team']);
	});

	test('sixteen teams have an output, the others share one', () => {
		const rules = Array.from({ length: 20 }, (_, index) => to(byKey(`t${index}`)));
		const outputs = outputsOf('routeToTeam', perTeam(...rules));
		expect(outputs).toHaveLength(18);
		const teams = teamsWithOutput(perTeam(...rules) as never);
		expect([outputFor('t0', teams), outputFor('t15', teams), outputFor('t16', teams)]).toEqual([
			2, 17, 1,
		]);
	});

	test('a rule added at the end moves no connection', () => {
		const rules = [to(byKey('a')), to(byKey('b'))];
		const before = outputsOf('routeToTeam', perTeam(...rules));
		const after = outputsOf('routeToTeam', perTeam(...rules, to(byKey('a')), to(byKey('c'))));
		expect(after.slice(0, before.length)).toEqual(before);
	});

	test('their expression ends where it should, and only there', () => {
		const inner = OUTPUTS.slice('={{'.length, -'}}'.length);
		expect(OUTPUTS.startsWith('={{(')).toBe(true);
		expect(inner).not.toContain('}}');
		for (const { displayCondition = '' } of hints) {
			expect(displayCondition.slice(3, -2)).not.toContain('}}');
		}
	});

	test('rules cannot be sorted there, and can elsewhere', () => {
		const rules = nodeNamed('routeToTeam').description.properties.filter(
			({ name }) => name === 'rules',
		);
		expect(
			rules.map(({ displayOptions, typeOptions }) => [
				displayOptions?.show?.outputMode,
				typeOptions?.sortable,
			]),
		).toEqual([
			[['routedUnrouted'], true],
			[['perTeam'], false],
		]);
	});
});

describe('what the editor says of rules', () => {
	const shown = (values: INodeParameters) => {
		const workflow = new Workflow({
			nodes: [
				{
					...{ id: '1', name: 'Node', type: `${PACKAGE}.routeToTeam`, typeVersion: 1.1 },
					position: [0, 0],
					parameters: filledParameters('routeToTeam', values),
				},
			],
			...{ connections: {}, active: false, nodeTypes },
		});
		const node = workflow.getNode('Node')!;
		return hints.flatMap(({ message, displayCondition }) =>
			workflow.expression.getSimpleParameterValue(node, displayCondition, 'internal', {}) === true
				? [message]
				: [],
		);
	};
	const vip = { values: [{ type: 'tag', tags: 'vip' }] };
	const rules = (...values: INodeParameters[]) => ({ rules: { values } });

	test.each<[string, INodeParameters, RegExp | null]>([
		['nothing of good ones', rules(to(byKey('a'), { conditions: vip }), to(byKey('b'))), null],
		['nothing of none', {}, null],
		['a rule without a condition', rules(to(byKey('a'), { conditions: {} })), /never matches/],
		['a rule behind one for all', rules(to(byKey('a')), to(byKey('b'))), /never reached/],
		[
			'a rule behind one for all or some',
			rules(
				to(byKey('a'), {
					match: 'any',
					conditions: { values: [{ type: 'tag', tags: 'vip' }, { type: 'always' }] },
				}),
				to(byKey('b')),
			),
			/never reached/,
		],
		[
			'more teams than outputs',
			perTeam(
				...Array.from({ length: 17 }, (_, index) => to(byKey(`t${index}`), { conditions: vip })),
			),
			/first 16 teams/,
		],
	])('%s', (_name, values, expected) => {
		const messages = shown(values);
		if (expected === null) expect(messages).toEqual([]);
		else expect(messages).toEqual([expect.stringMatching(expected)]);
	});
});

describe('one output per team, when it runs', () => {
	let bench: Bench;
	beforeEach(async () => {
		bench = new Bench();
		for (const key of ['billing', 'cairo', 'support']) await team(bench, key);
	});
	const says = async (who: string, messageText: string) =>
		await openedItem(bench, who, { messageText });
	const mentions = (teamKey: string, keywords: string) =>
		to(byKey(teamKey), { conditions: { values: [{ type: 'mentions', keywords }] } });

	test('every decision leaves by the output of its team, and says the team', async () => {
		const { outputs } = await bench.execute('routeToTeam', {
			parameters: {
				...perTeam(mentions('cairo', 'hello'), mentions('billing', 'invoice')),
				fallbackTeam: byKey('support'),
			},
			items: [
				await says('amal', 'my invoice'),
				await says('basma', 'hello'),
				await says('carim', 'nothing of it'),
			],
		});
		expect(
			outputs.map((items) => items.map(({ json }) => (json.route as { team: string }).team)),
		).toEqual([[], ['support'], ['cairo'], ['billing']]);
	});

	test('without a fallback team the rest leaves by Unrouted, as do failures', async () => {
		const { outputs } = await bench.execute('routeToTeam', {
			parameters: perTeam(mentions('billing', 'invoice')),
			items: [await says('amal', 'hello'), { json: { conversation: { id: 'unknown' } } }],
			onError: 'continueRegularOutput',
		});
		expect(outputs.map((items) => items.length)).toEqual([2, 0, 0]);
		expect(outputs[0]?.[1]?.json.error).toContain("No conversation has the ID 'unknown'");
	});

	test('a team that an expression names leaves by Other Team, unless a rule names it as well', async () => {
		const chosen = { ...byKey(''), value: '={{ $json.wanted }}' };
		const item = await says('amal', 'hello');
		const items = ['support', 'billing'].map((wanted) => ({ json: { ...item.json, wanted } }));
		const { outputs } = await bench.execute('routeToTeam', {
			parameters: perTeam(mentions('billing', 'invoice'), to(chosen)),
			items,
		});
		expect(outputs.map((each) => each.length)).toEqual([0, 1, 1]);
	});

	test('as a tool there is one output all the same', async () => {
		const item = await says('amal', 'my invoice');
		const { outputs } = await bench.executeAsTool('routeToTeam', {
			parameters: perTeam(mentions('billing', 'invoice')),
			items: [item],
		});
		expect(outputs).toHaveLength(1);
		expect(outputs[0]?.[0]?.json).toMatchObject({ route: { team: 'billing' } });
	});
});
