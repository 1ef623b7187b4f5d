import { routeTo } from '../store/support/samples';
import type { INodeParameters } from 'n8n-workflow';
import { SourceFailure } from '../../nodes/EnrichContact/failure';
import { sources } from '../../nodes/EnrichContact/sources';
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
} from './support/samples';

interface Outcome {
	outcome: string;
	found: Record<string, unknown> | null;
	reason?: string;
}
interface Enrichment {
	sources: Record<string, Outcome>;
	saved: Array<{ field: string; source: string; mode: string; replaced: boolean }>;
	addedTags: string[];
}

const fieldsOf = ({ saved }: Enrichment) => saved.map(({ field }) => field);

const save = (...assignments: Array<{ name: string; value: string | number }>) => ({
	fields: {
		assignments: assignments.map((each, index) => ({
			id: String(index),
			type: typeof each.value,
			...each,
		})),
	},
});

describe('Enrich Contact', () => {
	let bench: Bench;
	const original = { ...sources };
	beforeEach(() => {
		bench = new Bench();
	});
	afterEach(() => {
		for (const name of Object.keys(sources)) if (!original[name]) delete sources[name];
		Object.assign(sources, original);
		jest.useRealTimers();
	});

	const opened = async (text: string, contactDetails: INodeParameters = {}) =>
		await openedItem(bench, 'amal', { messageText: text, contactDetails });

	async function enrich(parameters: INodeParameters, item?: Awaited<ReturnType<typeof opened>>) {
		const items = [item ?? (await opened('Hello, I have a question about my order'))];
		const { outputs } = await bench.execute('enrichContact', { parameters, items });
		const [result] = outputs[0]!;
		return {
			result,
			contact: partOf(result, 'contact'),
			enrichment: partOf(result, 'enrichment') as unknown as Enrichment,
		};
	}

	test('finds out who writes, saves it, and gives the whole item', async () => {
		const item = await opened('مرحبا، عندي سؤال عن الفاتورة', { phone: '+20 100 123 4567' });
		const { result, contact, enrichment } = await enrich({}, item);
		expectItemShape(result, ['enrichment']);
		expect(result?.pairedItem).toEqual({ item: 0 });
		expect(contact).toMatchObject({ language: 'ar', country: 'EG', timezone: 'Africa/Cairo' });
		expect(Object.keys(enrichment.sources)).toEqual(['history', 'phone', 'language']);
		expect(enrichment).toMatchObject({
			sources: {
				history: {
					outcome: 'found',
					durationMs: expect.any(Number),
					found: { isReturning: false, previousConversations: 0, lastCategory: null },
				},
				phone: { outcome: 'found', found: { e164: '+201001234567', country: 'EG' } },
				language: { outcome: 'found', found: { language: 'ar' } },
			},
			saved: expect.arrayContaining([
				{ field: 'country', source: 'phone', mode: 'fillIfEmpty', replaced: false },
				{ field: 'language', source: 'language', mode: 'fillIfEmpty', replaced: false },
			]),
			addedTags: [],
		});
		const stored = await (await bench.store()).findContact('amal');
		expect(stored).toMatchObject({ language: 'ar', country: 'EG', timezone: 'Africa/Cairo' });
	});

	test('says of each source that it found nothing', async () => {
		const { enrichment } = await enrich({ sources: ['phone', 'language'] }, await opened(''));
		expect(enrichment.sources).toMatchObject({
			phone: { outcome: 'nothing', found: null },
			language: { outcome: 'nothing', found: null },
		});
		expect(enrichment.saved).toEqual([]);
	});

	test('history tells about the conversation before', async () => {
		await bench.execute('closeConversation', {
			parameters: { category: byKey('Billing') },
			items: [await opened('one')],
		});
		const { enrichment } = await enrich({ sources: ['history'] });
		expect(enrichment.sources.history?.found).toMatchObject({
			isReturning: true,
			previousConversations: 1,
			lastCategory: 'Billing',
		});
	});

	describe('business hours', () => {
		const CLOSED = { timeZone: 'Africa/Cairo', weekly: [], holidays: [] };
		beforeEach(async () => {
			const store = await bench.store();
			await store.upsertTeam({ key: 'day', name: 'Day', hours: CLOSED });
			await store.upsertTeam({ key: 'always' });
		});
		const routed = async (team: string) => {
			const item = await opened('Hello');
			await (
				await bench.store()
			).routeConversation({
				conversationId: idOf(item),
				decision: routeTo(team),
				source: 'workflow',
			});
			return item;
		};

		test.each([
			['always', '', { open: true, opensAt: null, team: { key: 'always', name: 'always' } }],
			['day', '', { open: false, opensAt: null, team: { key: 'day', name: 'Day' } }],
			['always', 'day', { open: false, team: { key: 'day', name: 'Day' } }],
		])('routed to %s, asked for "%s"', async (team, asked, found) => {
			const parameters = { sources: ['hours'], hoursTeam: byKey(asked) };
			const { enrichment } = await enrich(parameters, await routed(team));
			expect(enrichment.sources.hours).toMatchObject({
				outcome: 'found',
				found: { ...found, why: expect.stringMatching(found.open ? /open/ : /closed/) },
			});
		});

		test('of no team there are none', async () => {
			const { enrichment } = await enrich({ sources: ['hours'] });
			expect(enrichment.sources.hours).toMatchObject({
				...{ outcome: 'skipped', found: null, reason: expect.stringContaining('no team yet') },
			});
			const gone = await enrich({ sources: ['hours'], hoursTeam: byKey('gone') });
			expect(gone.enrichment.sources.hours).toMatchObject({
				...{ outcome: 'failed', reason: expect.stringMatching(/no team 'gone'.*day/) },
			});
		});
	});

	test('a phone without country code is read by the default country', async () => {
		const item = await opened('x', { phone: '0100 123 4567' });
		const without = await enrich({ sources: ['phone'], options: { learnedMode: 'keep' } }, item);
		expect(without.enrichment.sources.phone?.outcome).toBe('nothing');
		const { contact } = await enrich(
			{ sources: ['phone'], options: { defaultCountry: ' eg ', learnedMode: 'overwrite' } },
			item,
		);
		expect(contact).toMatchObject({ phone: '+201001234567', country: 'EG' });
	});

	test.each([
		['fillIfEmpty', 'en'],
		['keep', 'en'],
		['overwrite', 'ar'],
	])('learned values, %s: the language is then %s', async (learnedMode, language) => {
		const item = await opened('مرحبا، أين طلبي من فضلك؟', { language: 'en' });
		const { contact, enrichment } = await enrich({ options: { learnedMode } }, item);
		expect(enrichment.sources.language?.found).toMatchObject({ language: 'ar' });
		expect(contact.language).toBe(language);
	});

	test('what is not sure enough is not saved', async () => {
		const item = await opened('bonjour');
		const { contact, enrichment } = await enrich({ options: { leastConfidence: 1 } }, item);
		expect(enrichment.sources.language?.found?.confidence).toBeLessThan(1);
		expect(contact.language).toBeNull();
		const sure = await enrich({ options: { leastConfidence: 0 } }, item);
		expect(sure.contact.language).toBe('fr');
	});

	test('saves fields of the input: standard ones and own ones, and tags', async () => {
		const { contact, enrichment } = await enrich({
			sources: [],
			...save({ name: 'email', value: 'amal@example.com' }, { name: ' plan ', value: 'gold' }),
			options: { addTags: 'vip، newsletter, vip' },
		});
		expect(contact).toMatchObject({
			email: 'amal@example.com',
			fields: { plan: 'gold' },
			tags: ['vip', 'newsletter'],
		});
		expect(enrichment).toMatchObject({
			sources: { input: { outcome: 'found', found: { email: 'amal@example.com', plan: 'gold' } } },
			saved: [
				{ field: 'email', source: 'input', mode: 'overwrite', replaced: false },
				{ field: 'plan', source: 'input', mode: 'overwrite', replaced: false },
			],
			addedTags: ['vip', 'newsletter'],
		});
	});

	test.each([
		['overwrite', 'silver'],
		['fillIfEmpty', 'gold'],
		['keep', 'gold'],
	])('fields from input, %s', async (fieldsMode, plan) => {
		const item = await opened('x');
		await enrich({ sources: [], ...save({ name: 'plan', value: 'gold' }) }, item);
		const { contact, enrichment } = await enrich(
			{ sources: [], ...save({ name: 'plan', value: 'silver' }), options: { fieldsMode } },
			item,
		);
		expect(contact.fields).toEqual({ plan });
		expect(enrichment.sources.input?.found).toEqual({ plan: 'silver' });
		const saved = { field: 'plan', source: 'input', mode: 'overwrite', replaced: true };
		expect(enrichment.saved).toEqual(plan === 'silver' ? [saved] : []);
	});

	test('a mode of a single field counts more than all others', async () => {
		const item = await opened('مرحبا، أين طلبي من فضلك؟', {
			language: 'en',
			phone: '+201001234567',
		});
		const modes = {
			values: [
				{ field: 'language', mode: 'overwrite' },
				{ field: ' country ', mode: 'keep' },
				{ field: 'plan', mode: 'fillIfEmpty' },
			],
		};
		await enrich({ sources: [], ...save({ name: 'plan', value: 'gold' }) }, item);
		const { contact, enrichment } = await enrich(
			{ ...save({ name: 'plan', value: 'silver' }), options: { modes } },
			item,
		);
		expect(contact).toMatchObject({ language: 'ar', country: null, timezone: 'Africa/Cairo' });
		expect(contact.fields).toEqual({ plan: 'gold' });
		expect(enrichment.saved).toEqual([
			{ field: 'timezone', source: 'phone', mode: 'fillIfEmpty', replaced: false },
			{ field: 'language', source: 'language', mode: 'overwrite', replaced: true },
		]);
	});

	test('of several that know a field the last in their order counts, and the input after all', async () => {
		const known = (value: string) => () => ({ output: { value }, save: { country: value } });
		sources.language = known('DE');
		sources.phone = known('FR');
		const learned = await enrich({ sources: ['language', 'phone'] }, await opened('x'));
		expect(learned.contact.country).toBe('DE');
		const { contact, enrichment } = await enrich(
			{ ...save({ name: 'country', value: 'EG' }), options: { learnedMode: 'overwrite' } },
			await opened('x'),
		);
		expect(contact.country).toBe('EG');
		expect(enrichment.saved).toEqual([
			{ field: 'country', source: 'input', mode: 'overwrite', replaced: true },
		]);
	});

	test.each(['__proto__', 'constructor', 'prototype'])(
		'refuses the field name %s',
		async (name) => {
			const run = enrich({ sources: [], ...save({ name, value: 'x' }) });
			expect(await failureOf(run)).toEqual(
				failure('Field has a reserved name (writes.0.field)', 'Correct the value in the node'),
			);
		},
	);

	test('a source that fails is reported, and the others go on', async () => {
		sources.phone = () => {
			throw new SourceFailure('The plan of numbers is not there');
		};
		sources.history = async () => await Promise.reject(new Error('token=secret'));
		const { contact, enrichment } = await enrich({}, await opened('مرحبا، أين طلبي؟'));
		expect(enrichment.sources).toMatchObject({
			history: {
				outcome: 'failed',
				found: null,
				reason: expect.stringMatching(/^This source failed in a way.*issue page$/),
			},
			phone: { outcome: 'failed', found: null, reason: 'The plan of numbers is not there' },
			language: { outcome: 'found' },
		});
		expect(contact.language).toBe('ar');
	});

	test('the order of the output is that of the sources, whichever answers first', async () => {
		const { history } = original;
		sources.history = async (...asked) => {
			await new Promise(setImmediate);
			return await history!(...asked);
		};
		const { enrichment } = await enrich({});
		expect(Object.keys(enrichment.sources)).toEqual(['history', 'phone', 'language']);
	});

	test('leaves no timer behind', async () => {
		const item = await opened('Hello');
		jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
		await enrich({}, item);
		expect(jest.getTimerCount()).toBe(0);
	});

	test('a source that hangs is given up, and the others go on', async () => {
		const item = await opened('مرحبا، أين طلبي؟');
		jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
		let asked = () => {};
		const wasAsked = new Promise<void>((resolve) => {
			asked = resolve;
		});
		sources.phone = async () => {
			asked();
			return await new Promise(() => {});
		};
		const run = enrich({}, item);
		await wasAsked;
		await jest.advanceTimersByTimeAsync(5_000);
		const { contact, enrichment } = await run;
		expect(enrichment.sources).toMatchObject({
			history: { outcome: 'found' },
			phone: { outcome: 'timedOut', found: null, reason: 'It took longer than 5 seconds' },
			language: { outcome: 'found' },
		});
		expect(contact.language).toBe('ar');
		expect(jest.getTimerCount()).toBe(0);
	});

	test('several items, one of them bad', async () => {
		const good = await opened('Hello');
		const { outputs } = await bench.execute('enrichContact', {
			items: [{ a: 1 }, good],
			onError: 'continueRegularOutput',
		});
		expect(outputs[0]).toMatchObject([
			{
				pairedItem: { item: 0 },
				error: { name: 'NodeOperationError' },
				json: {
					a: 1,
					error: 'The item has no conversation [Item 0]',
					errorHint: expect.stringContaining('Connect this node'),
				},
			},
			{ pairedItem: { item: 1 }, json: { enrichment: {}, conversation: { id: idOf(good) } } },
		]);
	});

	test('works on a closed conversation too: the contact is the same', async () => {
		const item = await opened('Hello there, where is my order?');
		await closed(bench, item);
		const { enrichment } = await enrich(save({ name: 'plan', value: 'gold' }), item);
		expect(fieldsOf(enrichment)).toContain('plan');
	});

	test('as a tool it enriches the contact whose conversation is named', async () => {
		const id = idOf(await opened('Hello'));
		const { outputs } = await bench.executeAsTool('enrichContact', {
			parameters: {
				conversationFrom: 'id',
				conversationId: byKey(id),
				...save({ name: 'plan', value: '={{ $json.plan }}' }),
			},
			items: [{ plan: 'gold' }],
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({
			plan: 'gold',
			contact: { fields: { plan: 'gold' } },
			enrichment: { saved: expect.arrayContaining([expect.objectContaining({ field: 'plan' })]) },
		});
	});
});
