import '../nodes/support/environment';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
	Workflow,
	type IConnections,
	type IDataObject,
	type INode,
	type IPinData,
} from 'n8n-workflow';
import { TEMPLATES_FOLDER } from '../host/paths';
import {
	filledParameters,
	nodeNamed,
	outputsOf,
	PACKAGE,
	parameterIssues,
	type NodeName,
} from '../nodes/support/nodeTypes';
import { expectItemShape } from '../nodes/support/samples';

interface Template {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings: IDataObject;
	pinData: IPinData;
	meta: IDataObject;
	[key: string]: unknown;
}

/** n8n's own nodes that templates use: version, and number of outputs. */
const BASE_NODES: Record<string, { versions: number[]; outputs: number }> = {
	'n8n-nodes-base.formTrigger': { versions: [2.2], outputs: 1 },
	'n8n-nodes-base.manualTrigger': { versions: [1], outputs: 1 },
	'n8n-nodes-base.noOp': { versions: [1], outputs: 1 },
	'n8n-nodes-base.set': { versions: [3.4], outputs: 1 },
	'n8n-nodes-base.splitOut': { versions: [1], outputs: 1 },
	'n8n-nodes-base.stickyNote': { versions: [1], outputs: 0 },
};

const STICKY_NOTE = 'n8n-nodes-base.stickyNote';
const files = readdirSync(TEMPLATES_FOLDER).filter((file) => file.endsWith('.json'));
const isOurs = ({ type }: INode) => type.startsWith(`${PACKAGE}.`);
const ourName = ({ type }: INode) => type.slice(PACKAGE.length + 1) as NodeName;
const read = (file: string) =>
	JSON.parse(readFileSync(path.join(TEMPLATES_FOLDER, file), 'utf8')) as Template;

test('there are templates', () => expect(files.length).toBeGreaterThanOrEqual(4));

describe.each(files)('the template %s', (file) => {
	const template = read(file);
	const { nodes } = template;

	test('has what an import needs, and nothing of the n8n it comes from', () => {
		expect(template.name.length).toBeGreaterThan(0);
		expect(template.name.length).toBeLessThanOrEqual(128);
		expect(template.settings).toEqual({ executionOrder: 'v1' });
		expect(template.meta).toEqual({ templateCredsSetupCompleted: false });
		const foreign = ['id', 'active', 'versionId', 'activeVersionId', 'createdAt', 'updatedAt'];
		expect(Object.keys(template).filter((key) => foreign.includes(key))).toEqual([]);
		for (const node of nodes) {
			expect(Object.keys(node)).not.toEqual(expect.arrayContaining(['id']));
			expect(Object.keys(node)).not.toEqual(expect.arrayContaining(['webhookId']));
			for (const credential of Object.values(node.credentials ?? {})) {
				expect(Object.keys(credential)).toEqual(['name']);
			}
		}
	});

	test('holds no secret and no address of a real person', () => {
		const text = JSON.stringify(template);
		expect(text).not.toMatch(/whsec_|EAA[A-Za-z0-9]{10}|Bearer |xox[bp]-|sk-[A-Za-z0-9]{16}/);
		expect(text).not.toMatch(/"(password|appSecret|accessToken|verifyToken|signingSecret)"/);
		const addresses = text.match(/[\w.+-]+@[\w-]+\.[\w.]+/g) ?? [];
		expect(addresses.filter((address) => !address.endsWith('@example.com'))).toEqual([]);
	});

	test('uses nodes and versions that exist', () => {
		for (const node of nodes) {
			if (isOurs(node)) expect(node.typeVersion).toBe(nodeNamed(ourName(node)).description.version);
			else expect(BASE_NODES[node.type]?.versions).toContain(node.typeVersion);
		}
	});

	test('has names of its own for every node, and says what it does on a note', () => {
		expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
		const notes = nodes.filter(({ type }) => type === STICKY_NOTE);
		expect(notes[0]?.parameters.content).toContain('Self-hosted n8n');
		expect(notes[0]?.parameters.content).toContain(PACKAGE);
	});

	test('every connection leads from an output that exists to a node that exists', () => {
		const byName = new Map(nodes.map((node) => [node.name, node]));
		const outputCount = (node: INode) =>
			isOurs(node)
				? outputsOf(ourName(node), node.parameters).length
				: (BASE_NODES[node.type]?.outputs ?? 0);
		for (const [from, { main = [] }] of Object.entries(template.connections)) {
			const source = byName.get(from);
			expect(source).toBeDefined();
			expect(main.length).toBeLessThanOrEqual(outputCount(source!));
			for (const connection of main.flatMap((targets) => targets ?? [])) {
				expect(connection).toMatchObject({ type: 'main', index: 0 });
				const target = byName.get(connection.node);
				expect(target).toBeDefined();
				expect(target?.type).not.toBe(STICKY_NOTE);
			}
		}
	});

	test('every node is reached, from a trigger', () => {
		const targets = Object.values(template.connections)
			.flatMap(({ main = [] }) => main)
			.flatMap((connections) => connections ?? [])
			.map(({ node }) => node);
		const unreached = nodes.filter(
			({ name, type }) => type !== STICKY_NOTE && !targets.includes(name),
		);
		expect(unreached).toHaveLength(1);
		expect(unreached[0]?.type).toMatch(/Trigger$/);
	});

	test('the editor marks nothing but the credentials', () => {
		for (const node of nodes.filter(isOurs)) {
			const filled = filledParameters(ourName(node), node.parameters);
			expect(parameterIssues(ourName(node), { ...node, parameters: filled })).toBeUndefined();
			for (const type of Object.keys(node.credentials ?? {})) {
				const { credentials } = nodeNamed(ourName(node)).description;
				expect(credentials?.map(({ name }) => name)).toContain(type);
			}
		}
	});

	test('pinned data has the shape of the item', () => {
		for (const [name, items] of Object.entries(template.pinData)) {
			expect(nodes.find((node) => node.name === name)?.type).toMatch(/Trigger$/);
			for (const item of items) expectItemShape(item, ['delivery']);
		}
	});
});

describe('what the template tells an agent', () => {
	const { nodes } = read('tell-agents.json');
	const write = nodes.find(({ name }) => name === 'Write the Message')!;
	const [{ value }] = (write.parameters.assignments as IDataObject).assignments as [
		{ value: string },
	];
	const never = () => {
		throw new Error('Nobody asks for this');
	};
	const node = nodeNamed('sendMessage');
	const textFor = (json: IDataObject) => {
		const workflow = new Workflow({
			nodes: [{ ...write, id: '1' }],
			connections: {},
			active: false,
			nodeTypes: { getByName: never, getByNameAndVersion: () => node, getKnownTypes: never },
		});
		const text = workflow.expression.getParameterValue(
			value,
			null,
			0,
			0,
			write.name,
			[{ json }],
			'manual',
			{},
		);
		return String(text).trim();
	};
	const item = {
		event: { data: { agent: 'sara@example.com', reason: 'Sara has the next turn.' } },
		conversation: { assignee: { name: 'Sara' }, channel: 'whatsapp' },
		contact: { name: 'ليلى', phone: null },
		message: { text: 'مرحبا' },
	};
	const plain =
		'Sara, you have a new conversation.\n\nليلى writes on whatsapp: مرحبا\n\nWhy you: Sara has the next turn.';

	test('ends with links where there are some', () => {
		const links = { accept: 'https://a', decline: null, close: 'https://c', away: 'https://w' };
		expect(textFor({ ...item, links }).replace(/\n+/g, '\n')).toBe(
			`${plain}\nAccept: https://a\nClose: https://c\nI am away: https://w`.replace(/\n+/g, '\n'),
		);
	});

	test('is whole without links', () => {
		expect(textFor({ ...item, links: null })).toBe(plain);
		const gone = { ...item, links: null, message: null };
		const nobody = { ...gone, conversation: { assignee: null, channel: 'email' } };
		expect(textFor(nobody)).toContain('sara@example.com, you have');
		expect(textFor(nobody)).not.toMatch(/undefined|null/);
	});
});
