import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { N8nClient } from './client';
import { playDemo, writeAgain } from './demo';
import { resolveSome } from './demo-closing';
import { figures, openStoreFile } from './figures';
import { startHost, type Host } from './host';
import { print, printRows, step } from './output';
import { installPack } from './pack';
import { DATA_FOLDER, TEMPLATES_FOLDER } from './paths';
import { isFree } from './ports';
import { startProgram } from './processes';
import { printReport } from './report';
import { ownerOf, whatsAppSecretsOf } from './secrets';
import type { Workflow } from './types';
import {
	DEMO_STORE,
	ensureCredentials,
	ensureTemplates,
	PHONE_NUMBER_ID,
	publishInbound,
	publishTemplate,
	readTemplates,
	runSetUp,
	type Inbound,
} from './setup';
import { HELP, parseOptions, type StartOptions } from './start-options';

const DEMO_STORE_FILE = path.join(
	DATA_FOLDER,
	'.n8n',
	'conversation-store',
	`${DEMO_STORE.storeName}.sqlite`,
);

/** A terminal and npm may both pass on one Ctrl-C; only a later one means "at once". */
const REPEATED_SIGNAL = 2_000;

/** Installs n8n when it is missing. A process of its own, since it has to run on older Node too. */
async function installHost(): Promise<void> {
	const child = startProgram(path.join(__dirname, 'install.js'));
	const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
	if (code !== 0) throw new Error('n8n could not be installed');
}

/** Set once the end was asked for: then n8n's end is no failure. */
let stopping = false;

/** Stops n8n and ends when asked to. */
function stopOnSignal(host: Host): void {
	let asked = 0;
	const stop = (): void => {
		if (asked > 0 && Date.now() - asked < REPEATED_SIGNAL) return;
		if (asked > 0) {
			void host.kill9().then(() => process.exit(1));
			return;
		}
		asked = Date.now();
		stopping = true;
		print('\nStopping n8n ...');
		void host.stop().then(() => process.exit(0));
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

/** Customers write, agents resolve, customers write again. */
async function runDemo(client: N8nClient, prepared: Prepared): Promise<void> {
	const since = Date.now();
	const { workflow, webhookUrl, closing } = prepared;
	const { appSecret } = whatsAppSecretsOf(DATA_FOLDER);
	const account = { appSecret, phoneNumberId: PHONE_NUMBER_ID };
	const store = await openStoreFile(DEMO_STORE_FILE, DEMO_STORE.workspace);
	const ended = async () => await client.executions.waitUntilQuiet({ workflowId: workflow.id });
	try {
		const tally = await step('Customers write', async () => {
			const sent = await playDemo(webhookUrl, account);
			await ended();
			return sent;
		});
		const resolved = await step('Agents resolve and close', async () => {
			return await resolveSome(store, client.url, closing);
		});
		await step('Customers write again', async () => {
			const waIds = resolved.slice(0, 2).map(({ waId }) => waId);
			await writeAgain(webhookUrl, account, waIds, tally);
			await ended();
		});
		printReport(tally, await figures(store, since));
	} finally {
		store.engine.close();
	}
}

async function prepareData({ port, fresh }: StartOptions): Promise<void> {
	if (!(await isFree(port))) {
		throw new Error(
			`Port ${port} is in use: end the program that uses it, or choose another one with "npm start -- --port 5680"`,
		);
	}
	if (fresh) rmSync(DATA_FOLDER, { recursive: true, force: true });
	mkdirSync(DATA_FOLDER, { recursive: true });
}

/** What the demonstration works with. */
interface Prepared extends Inbound {
	/** The workflow of the form by which agents close. */
	closing: Workflow;
}

/** Logs in, imports and publishes; returns where messages are sent. */
async function prepareWorkflows(client: N8nClient): Promise<Prepared> {
	await client.enter(ownerOf(DATA_FOLDER));
	const credentials = await ensureCredentials(client, whatsAppSecretsOf(DATA_FOLDER));
	const templates = readTemplates(TEMPLATES_FOLDER);
	const workflows = await step('Importing the templates', async () => {
		return await ensureTemplates(client, templates, credentials);
	});
	print(`  ${workflows.length} workflows`);
	print(`Setting up teams and agents: ${await runSetUp(client, workflows)}`);
	return await step('Publishing the workflows', async () => {
		const inbound = await publishInbound(client, workflows);
		if (!inbound) throw new Error('No template listens to WhatsApp');
		await publishTemplate(client, workflows, 'Tell agents');
		const closing = await publishTemplate(client, workflows, "Close on an agent's request");
		return { ...inbound, closing };
	});
}

async function run(options: StartOptions): Promise<void> {
	await installHost();
	await prepareData(options);
	await step('Packing and installing the pack', async () => await installPack(DATA_FOLDER));
	const logFile = path.join(DATA_FOLDER, 'n8n.log');
	const log = createWriteStream(logFile, { flags: 'a' });
	const host = await startHost({
		userFolder: DATA_FOLDER,
		port: options.port,
		log: (text) => log.write(text),
	});
	stopOnSignal(host);
	try {
		await step('Starting n8n', async () => await host.waitReady());
		const client = new N8nClient(host.url);
		const prepared = await prepareWorkflows(client);
		if (options.demo) await runDemo(client, prepared);
		const { email, password } = ownerOf(DATA_FOLDER);
		printRows('n8n is up', [
			['Editor', `${host.url}/workflow/${prepared.workflow.id}`],
			['Log in as', email],
			['Password', password],
			['Webhook', prepared.webhookUrl],
			['Log', path.relative(process.cwd(), logFile)],
		]);
		if (!options.exit) {
			print('\nCtrl-C stops n8n.');
			await new Promise<void>((resolve) => host.process.once('exit', () => resolve()));
			if (!stopping) throw new Error(`n8n ended by itself: see ${logFile}`);
		}
	} finally {
		await host.stop();
		log.end();
	}
}

async function main(): Promise<void> {
	const options = parseOptions(process.argv.slice(2));
	if (options.help) print(HELP);
	else await run(options);
}

main().catch((error: Error) => {
	if (stopping) return;
	process.stderr.write(`${error.message}\n`);
	process.exitCode = 1;
});
