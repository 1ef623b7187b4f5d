import 'reflect-metadata';
import { userFolder } from '../nodes/support/environment';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PackageDirectoryLoader } from 'n8n-core';
import type { INodeType } from 'n8n-workflow';
import { runCommand } from '../host/processes';
import { PACKAGE_NAME } from '../host/paths';
import { unpack, type Unpacked } from './support/unpacked';

const NODES = [
	'agentLinksTrigger',
	'askQuestion',
	'autoAssignAgent',
	'closeConversation',
	'conversationEventTrigger',
	'conversationOpenedTrigger',
	'conversationStore',
	'enrichContact',
	'openConversation',
	'routeToTeam',
	'sendMessage',
];
const CREDENTIALS = [
	'conversationChatwootApi',
	'conversationEvolutionApi',
	'conversationInstagramApi',
	'conversationLineApi',
	'conversationLookupApi',
	'conversationMessengerApi',
	'conversationRespondIoApi',
	'conversationSignedWebhookApi',
	'conversationStoreApi',
	'conversationTelegramApi',
	'conversationTwilioApi',
	'conversationViberApi',
	'conversationWahaApi',
	'conversationWhatsAppApi',
];

describe('the package that would be published', () => {
	let unpacked: Unpacked;
	let loader: PackageDirectoryLoader;

	beforeAll(async () => {
		unpacked = await unpack(userFolder);
		loader = new PackageDirectoryLoader(unpacked.installed);
		await loader.loadAll();
	}, 300_000);

	const node = (name: string) => loader.getNode(name).type as INodeType;

	test('holds dist, package.json and the texts, and nothing else', () => {
		const others = unpacked.files.filter(
			(file) => !/^(dist\/|package\.json$|README(\.md)?$|LICENSE(\.md)?$)/.test(file),
		);
		expect(others).toEqual([]);
		expect(unpacked.files).toEqual(expect.arrayContaining(['package.json', 'LICENSE.md']));
		const compiled = unpacked.files.filter((file) =>
			/\.(test|spec)\.|fixtures|\.tsbuildinfo$/.test(file),
		);
		expect(compiled).toEqual([]);
	});

	test('needs no other package at run time', () => {
		const manifest = JSON.parse(
			readFileSync(path.join(unpacked.alone, 'package.json'), 'utf8'),
		) as Record<string, unknown>;
		expect(manifest.name).toBe(PACKAGE_NAME);
		expect(manifest.dependencies ?? {}).toEqual({});
		expect(manifest.optionalDependencies ?? {}).toEqual({});
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
		expect(manifest.keywords).toContain('n8n-community-node-package');
	});

	test('is loaded by n8n with every node and credential', () => {
		expect(Object.keys(loader.nodeTypes).sort()).toEqual(NODES);
		expect(Object.keys(loader.credentialTypes).sort()).toEqual(CREDENTIALS);
		expect(Object.keys(loader.known.nodes).sort()).toEqual(expect.arrayContaining(NODES));
	});

	test.each(NODES)('%s: version 1.1, icons for light and dark, codex', (name) => {
		const { description } = node(name);
		expect(description.version).toBe(1.1);
		const { light, dark } = description.iconUrl as { light: string; dark: string };
		expect(light).not.toBe(dark);
		for (const url of [light, dark]) {
			const file = url.replace(`icons/${PACKAGE_NAME}/`, '');
			expect(existsSync(path.join(unpacked.installed, file))).toBe(true);
		}
		expect(description.codex).toMatchObject({
			categories: expect.arrayContaining([expect.any(String)]),
			alias: expect.arrayContaining([expect.any(String)]),
			resources: {
				primaryDocumentation: [{ url: expect.stringMatching(/^https:/) }],
				credentialDocumentation: [{ url: expect.stringMatching(/^https:/) }],
			},
		});
	});

	test.each(CREDENTIALS)('%s: icons, and the nodes that use it', (name) => {
		const { type } = loader.getCredential(name);
		const { light, dark } = type.iconUrl as { light: string; dark: string };
		for (const url of [light, dark]) {
			const file = url.replace(`icons/${PACKAGE_NAME}/`, '');
			expect(existsSync(path.join(unpacked.installed, file))).toBe(true);
		}
		const users = NODES.filter((each) =>
			node(each).description.credentials?.some((credential) => credential.name === name),
		);
		expect(users.length).toBeGreaterThan(0);
		const { supportedNodes } = loader.known.credentials[name]!;
		expect([...(supportedNodes ?? [])].sort()).toEqual(users);
		expect([...(type.supportedNodes ?? [])].sort()).toEqual(users);
	});

	const testedByNodes = {
		conversationLookupApi: 'testLookup',
		conversationSignedWebhookApi: 'testSignedWebhook',
		conversationStoreApi: 'testConversationStore',
	};

	test.each(Object.entries(testedByNodes))(
		'the test of %s is found the way n8n looks for it',
		(credential, test) => {
			const { supportedNodes } = loader.known.credentials[credential]!;
			for (const name of supportedNodes ?? []) {
				const { description, methods } = node(name);
				const used = description.credentials?.find((each) => each.name === credential);
				expect(used?.testedBy).toBe(test);
				expect(methods?.credentialTest?.[test]).toBeInstanceOf(Function);
			}
		},
	);

	test('every credential is tested: by a request, or by a function of the nodes that use it', () => {
		const byNodes = Object.keys(testedByNodes);
		for (const name of CREDENTIALS) {
			const { test: request } = loader.getCredential(name).type;
			if (byNodes.includes(name)) expect(request).toBeUndefined();
			else expect(request).toMatchObject({ request: { baseURL: expect.any(String) } });
		}
	});

	test('every node that acts can be a tool, and no trigger is one', () => {
		for (const name of NODES) {
			const { description } = node(name);
			expect(description.usableAsTool === true).toBe(!name.endsWith('Trigger'));
		}
	});

	test('every template and preview ships', () => {
		const shipped = unpacked.files.filter((file) => file.startsWith('dist/nodes/templates/'));
		expect(shipped.sort()).toEqual([
			'dist/nodes/templates/close-on-agents-request.json',
			'dist/nodes/templates/inbound-conversation.json',
			'dist/nodes/templates/links-for-agents.json',
			'dist/nodes/templates/menu-by-question.json',
			'dist/nodes/templates/queue-with-position.json',
			'dist/nodes/templates/set-up-teams-and-agents.json',
			'dist/nodes/templates/tell-agents.json',
		]);
		expect(unpacked.files).toContain('dist/nodes/OpenConversation/__schema__/v1.1.0/output.json');
	});

	test('names the licences of what it bundles', () => {
		const text = readFileSync(
			path.join(unpacked.alone, 'dist', 'THIRD-PARTY-LICENSES.txt'),
			'utf8',
		);
		for (const name of ['kysely', 'zod', 'uuid', 'libphonenumber-js', 'tinyld']) {
			expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
		}
	});

	test('the store opens from the packed files alone', async () => {
		const script = `
			const vendor = require('./dist/nodes/vendor.js');
			const { getStore } = require('./dist/nodes/store/registry.js');
			const settings = { backend: 'sqlite', storeName: 'packed', workspace: 'acme', sharedDisk: true };
			getStore(settings, () => {}).then(async (store) => {
				await store.upsertTeam({ key: 'billing' });
				const { teams } = await store.countEverything();
				process.stdout.write(JSON.stringify({ teams, vendor: Object.keys(vendor).length > 0 }));
			});
		`;
		const output = await runCommand(process.execPath, ['-e', script], unpacked.alone, {
			N8N_USER_FOLDER: unpacked.alone,
		});
		expect(JSON.parse(output)).toEqual({ teams: 1, vendor: true });
	});
});
