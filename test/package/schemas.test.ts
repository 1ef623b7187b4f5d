import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { IDataObject, INodeExecutionData, INodeParameters, IRun } from 'n8n-workflow';
import { Bench } from '../nodes/support/bench';
import { plainMessage, posted } from '../nodes/support/http';
import { nodeNamed, type NodeName } from '../nodes/support/nodeTypes';
import { byKey, deliveredItem, idOf, openedItem, team } from '../nodes/support/samples';
import { until } from '../nodes/support/until';
import { ROOT } from '../host/paths';

interface Schema {
	type: string;
	properties?: Record<string, Schema>;
	items?: Schema;
	version?: number;
}

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
const NODES = path.join(ROOT, 'nodes');
const files = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
	.map((file) => file.split(path.sep).join('/'))
	.filter((file) => file.includes('/__schema__/') && file.endsWith('.json'));
const read = (file: string) => JSON.parse(readFileSync(path.join(NODES, file), 'utf8')) as Schema;

/** Where a value is not what the schema says; null may stand for anything that is not there yet. */
function differences(schema: Schema, value: unknown, where = ''): string[] {
	if (value === null || value === undefined) return [];
	if (schema.type === 'array') {
		if (!Array.isArray(value)) return [`${where} is no list`];
		return value.flatMap((each) =>
			schema.items ? differences(schema.items, each, `${where}[]`) : [],
		);
	}
	if (schema.type === 'object') {
		if (typeof value !== 'object' || Array.isArray(value)) return [`${where} is no object`];
		return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
			differences(inner, (value as IDataObject)[key], `${where}.${key}`),
		);
	}
	if (schema.type === 'integer') return Number.isInteger(value) ? [] : [`${where} is no integer`];
	return typeof value === schema.type ? [] : [`${where} is no ${schema.type}`];
}

function expectSchema(file: string, json: IDataObject | undefined): void {
	const schema = read(`${file}.json`);
	expect(Object.keys(json ?? {}).sort()).toEqual(Object.keys(schema.properties ?? {}).sort());
	expect(differences(schema, json)).toEqual([]);
	for (const part of ['conversation', 'contact', 'message', 'event', 'delivery'] as const) {
		const described = schema.properties?.[part];
		if (described === undefined || json?.[part] === undefined || json[part] === null) continue;
		expect(Object.keys(described.properties ?? {}).sort()).toEqual(
			Object.keys(json[part] as object).sort(),
		);
	}
}

describe('the previews of outputs', () => {
	test.each(files)('%s is a JSON Schema for fields to drag', (file) => {
		const problems: string[] = [];
		const walk = (schema: Schema, where: string) => {
			if (!TYPES.includes(schema.type)) problems.push(`${where}: type ${schema.type}`);
			if (schema.type === 'object' && schema.properties === undefined) problems.push(where);
			if (schema.type === 'array' && schema.items === undefined) problems.push(where);
			for (const [key, inner] of Object.entries(schema.properties ?? {})) {
				walk(inner, `${where}.${key}`);
			}
			if (schema.items) walk(schema.items, `${where}[]`);
		};
		const schema = read(file);
		walk(schema, '');
		expect(problems).toEqual([]);
		expect(schema).toMatchObject({ type: 'object', version: 1 });
	});

	let bench: Bench;
	beforeEach(async () => {
		bench = new Bench();
		await team(bench, 'billing', { nathan: null });
	});

	const output = async (
		node: NodeName,
		parameters: INodeParameters,
		item: INodeExecutionData = { json: {} },
	) => (await bench.execute(node, { parameters, items: [item] })).outputs.flat()[0]?.json;

	const flow: Array<[NodeName, string, INodeParameters]> = [
		['enrichContact', 'EnrichContact', {}],
		['routeToTeam', 'RouteToTeam', { fallbackTeam: byKey('billing') }],
		['autoAssignAgent', 'AutoAssignAgent', { assignTo: 'team', team: byKey('billing') }],
	];
	test.each(flow)('%s gives what its preview says', async (node, folder, parameters) => {
		const json = await output(node, parameters, await deliveredItem(bench, 'amal'));
		expectSchema(`${folder}/__schema__/v1.1.0/output`, json);
	});

	test('Close Conversation gives what its preview says, behind any trigger', async () => {
		const conversationId = byKey(idOf(await openedItem(bench, 'amal')));
		const json = await output('closeConversation', { conversationFrom: 'id', conversationId });
		expectSchema('CloseConversation/__schema__/v1.1.0/output', json);
	});

	/** A conversation on Telegram, and the node in it, in a test run. */
	async function onTelegram(node: NodeName, parameters: INodeParameters) {
		const store = await bench.store();
		bench.credentials.conversationTelegramApi = {
			botToken: '1:test',
			baseUrl: 'http://127.0.0.1:9',
		};
		const { conversation } = await store.openConversation({
			contact: { identities: [{ channel: 'telegram', account: '1', id: '5' }] },
			channel: 'telegram',
			account: '1',
			source: 'contact',
			reply: { to: '5' },
			message: { id: 'm', type: 'text', text: 'Hello', attachments: [], sentAt: 1 },
			mentionsAny: () => false,
		});
		const { outputs } = await bench.execute(node, {
			parameters: {
				channels: ['telegram'],
				conversationFrom: 'id',
				conversationId: byKey(conversation.id),
				...parameters,
			},
			mode: 'manual',
		});
		return outputs[0]?.[0]?.json;
	}

	test('Send Message gives what its preview says', async () => {
		const json = await onTelegram('sendMessage', { text: 'Hi' });
		expectSchema('SendMessage/__schema__/v1.1.0/output', json);
	});

	test('Ask Question gives what its preview says', async () => {
		const choices = { values: [{ title: 'Sales' }, { title: 'Care' }] };
		const json = await onTelegram('askQuestion', { prompt: 'What about?', choices });
		expectSchema('AskQuestion/__schema__/v1.1.0/output', json);
		const { question } = read('AskQuestion/__schema__/v1.1.0/output.json').properties ?? {};
		expect(Object.keys(question?.properties ?? {})).toEqual(Object.keys(json?.question ?? {}));
	});

	test('Open Conversation gives what its preview says', async () => {
		const { json } = await openedItem(bench, 'amal');
		expectSchema('OpenConversation/__schema__/v1.1.0/output', json);
	});

	async function emittedBy(
		node: NodeName,
		parameters: INodeParameters,
		act: () => Promise<unknown>,
	) {
		const emitted: IDataObject[] = [];
		const context = bench.triggerContext(
			node,
			(data, _response, done) => {
				emitted.push(data[0]![0]!.json);
				done?.resolve({ status: 'success' } as IRun);
			},
			{ parameters },
		);
		const running = await nodeNamed(node).trigger!.call(context);
		await act();
		await until(() => emitted.length > 0);
		await running?.closeFunction?.();
		return emitted[0];
	}

	test('Conversation Opened gives what its preview says', async () => {
		const parameters = { channel: 'plainWebhook' };
		const json = await emittedBy('conversationOpenedTrigger', parameters, async () => {
			await bench.webhook(posted(plainMessage('amal', 'm-1')), { parameters });
		});
		expectSchema('ConversationOpened/__schema__/v1.1.0/output', json);
	});

	test('Conversation Event gives what its preview says', async () => {
		const json = await emittedBy('conversationEventTrigger', { events: ['opened'] }, async () => {
			await openedItem(bench, 'amal');
		});
		expectSchema('ConversationEvent/__schema__/v1.1.0/output', json);
	});

	test('Agent Links gives what its preview says', async () => {
		const item = await openedItem(bench, 'amal');
		const assigned = await output('autoAssignAgent', { assignTo: 'everybody' }, item);
		expect(assigned).toBeDefined();
		const { workflowData } = await bench.webhook(
			{ headers: {}, query: {} },
			{ name: 'agentLinksTrigger', webhookName: 'setup', mode: 'manual' },
		);
		expectSchema('AgentLinks/__schema__/v1.1.0/output', workflowData?.[0]?.[0]?.json);
	});

	const nathan = { agent: byKey('nathan') };
	const operations: Array<[string, string, INodeParameters]> = [
		['agent', 'upsert', { agentKey: 'nathan', fields: { handles: '{"slack":"U1"}' } }],
		['agent', 'get', nathan],
		['agent', 'getAll', {}],
		['agent', 'heartbeat', nathan],
		['agent', 'setAvailability', nathan],
		['conversation', 'assign', nathan],
		['conversation', 'accept', nathan],
		['conversation', 'snooze', {}],
		['conversation', 'wake', {}],
		['conversation', 'decline', nathan],
		['conversation', 'transfer', { ...nathan, transferTo: 'agent', transferComment: 'VIP' }],
		['agent', 'delete', nathan],
		['category', 'upsert', { name: 'Billing' }],
		['category', 'getAll', {}],
		['category', 'delete', { category: byKey('Billing') }],
		['team', 'upsert', { teamKey: 'billing' }],
		['team', 'get', { team: byKey('billing') }],
		['team', 'getAll', {}],
		['team', 'delete', { team: byKey('billing') }],
		['conversation', 'get', {}],
		['conversation', 'getAll', {}],
		['conversation', 'replayRouting', { fallbackTeam: byKey('billing') }],
		['conversation', 'unassign', {}],
		['conversation', 'addComment', { comment: 'Calls again tomorrow' }],
		['delivery', 'getAll', {}],
		['delivery', 'retry', { deliveries: 'failed' }],
		['delivery', 'skip', { deliveries: 'failed' }],
		['store', 'checkHealth', {}],
		['store', 'setRetention', { days: 30 }],
		['store', 'getRetention', {}],
		['contact', 'get', { contact: 'amal' }],
		['contact', 'erase', { contact: 'amal' }],
	];
	test.each(operations)('Conversation Store, %s: %s', async (resource, operation, parameters) => {
		await (await bench.store()).upsertCategory({ name: 'Billing', description: '' });
		const item = await openedItem(bench, 'amal');
		await deliveredItem(bench, 'basma');
		const one = resource === 'conversation' && !['getAll', 'replayRouting'].includes(operation);
		if (['accept', 'decline'].includes(operation)) {
			const to = { kind: 'agent', agent: 'nathan' } as const;
			const given = { conversationId: idOf(item), to, source: 'user' };
			await (await bench.store()).transferConversation(given);
		}
		const json = await output('conversationStore', {
			resource,
			operation,
			...(one ? { conversationFrom: 'id', conversationId: byKey(idOf(item)) } : {}),
			...parameters,
		});
		expectSchema(`ConversationStore/__schema__/v1.1.0/${resource}/${operation}`, json);
	});

	test('Conversation Store, conversation: history', async () => {
		const item = await openedItem(bench, 'amal');
		const { outputs } = await bench.execute('conversationStore', {
			parameters: {
				resource: 'conversation',
				operation: 'history',
				conversationFrom: 'id',
				conversationId: byKey(idOf(item)),
			},
		});
		const entries = outputs.flat().map(({ json }) => json);
		// An entry of a message has no data, one of an event has.
		expectSchema('ConversationStore/__schema__/v1.1.0/conversation/history', {
			...entries[0],
			...entries.find(({ data }) => data !== undefined),
		});
	});

	test('Conversation Store, store: backups', async () => {
		const folder = 'ConversationStore/__schema__/v1.1.0/store';
		const run = async (operation: string, parameters: INodeParameters = {}) =>
			await output('conversationStore', { resource: 'store', operation, ...parameters });
		const backup = await run('backUp');
		expectSchema(`${folder}/backUp`, backup);
		expectSchema(`${folder}/getBackups`, await run('getBackups'));
		const chosen = { backup: String(backup?.name), confirm: bench.storeName };
		expectSchema(`${folder}/restoreBackup`, await run('restoreBackup', chosen));
	});

	test('Conversation Store, store: export and import', async () => {
		const folder = 'ConversationStore/__schema__/v1.1.0/store';
		const run = async (
			operation: string,
			items: INodeExecutionData[],
			more: INodeParameters = {},
		) =>
			(
				await bench.execute('conversationStore', {
					parameters: { resource: 'store', operation, ...more },
					items,
				})
			).outputs.flat()[0];
		const file = await run('export', [{ json: {} }]);
		expectSchema(`${folder}/export`, file?.json);
		const result = await run('import', [file!], { replace: true });
		expectSchema(`${folder}/import`, result?.json);
	});

	test('every preview was compared', () => {
		const compared = [
			...flow.map(([, folder]) => `${folder}/__schema__/v1.1.0/output.json`),
			...[
				'OpenConversation',
				'SendMessage',
				'AskQuestion',
				'CloseConversation',
				'ConversationOpened',
				'ConversationEvent',
				'AgentLinks',
			].map((folder) => `${folder}/__schema__/v1.1.0/output.json`),
			...[
				...operations,
				['conversation', 'history'] as const,
				...(['backUp', 'getBackups', 'restoreBackup', 'export', 'import'] as const).map(
					(each) => ['store', each] as const,
				),
			].map(
				([resource, operation]) =>
					`ConversationStore/__schema__/v1.1.0/${resource}/${operation}.json`,
			),
		];
		expect([...files].sort()).toEqual(compared.sort());
	});
});
