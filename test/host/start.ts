import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { N8nClient } from './client';
import { playDemo } from './demo';
import { figures } from './figures';
import { startHost, type Host } from './host';
import { print, printRows, step } from './output';
import { installPack } from './pack';
import { DATA_FOLDER, TEMPLATES_FOLDER } from './paths';
import { isFree } from './ports';
import { startProgram } from './processes';
import { printReport } from './report';
import { ownerOf, whatsAppSecretsOf } from './secrets';
import {
	ensureCredentials,
	ensureTemplates,
	PHONE_NUMBER_ID,
	publishInbound,
	readTemplates,
	runSetUp,
	type Inbound,
} from './setup';
import { HELP, parseOptions, type StartOptions } from './start-options';

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

async function runDemo(client: N8nClient, { workflow, webhookUrl }: Inbound): Promise<void> {
	const since = new Date();
	const { appSecret } = whatsAppSecretsOf(DATA_FOLDER);
	const account = { appSecret, phoneNumberId: PHONE_NUMBER_ID };
	const tally = await step('Sending the demonstration', async () => {
		const sent = await playDemo(webhookUrl, account);
		await client.executions.waitUntilQuiet({ workflowId: workflow.id }, 3_000);
		return sent;
	});
	printReport(tally, await figures(client, { workflowId: workflow.id, since }));
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

/** Logs in, imports and publishes; returns where messages are sent. */
async function prepareWorkflows(client: N8nClient): Promise<Inbound | undefined> {
	await client.enter(ownerOf(DATA_FOLDER));
	const credentials = await ensureCredentials(client, whatsAppSecretsOf(DATA_FOLDER));
	const templates = readTemplates(TEMPLATES_FOLDER);
	const workflows = await step('Importing the templates', async () => {
		return await ensureTemplates(client, templates, credentials);
	});
	print(`  ${workflows.length} workflows`);
	print(`Setting up teams and agents: ${await runSetUp(client, workflows)}`);
	const inbound = await step('Publishing the inbound workflow', async () => {
		return await publishInbound(client, workflows);
	});
	if (!inbound) print('  no template listens to WhatsApp, so there is nothing to demonstrate');
	return inbound;
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
		const inbound = await prepareWorkflows(client);
		if (inbound && options.demo) await runDemo(client, inbound);
		const { email, password } = ownerOf(DATA_FOLDER);
		printRows('n8n is up', [
			['Editor', inbound ? `${host.url}/workflow/${inbound.workflow.id}` : host.url],
			['Log in as', email],
			['Password', password],
			...(inbound ? [['Webhook', inbound.webhookUrl] as [string, string]] : []),
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
