import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { idSource } from '../../../nodes/store/ids';
import { openSqliteEngine } from '../../../nodes/store/sqlite/engine';
import { ConversationStore } from '../../../nodes/store/store';
import { N8nClient } from '../../host/client';
import { startHost, type Host } from '../../host/host';
import { installPack } from '../../host/pack';
import { INSTALL_FOLDER } from '../../host/paths';
import type { Credential, Workflow, WorkflowDraft } from '../../host/types';

/** The account that the tests log in with. */
export const OWNER = { email: 'owner@example.com', password: 'Password1' };

export const APP_SECRET = 'e2e-app-secret';
export const VERIFY_WORD = 'e2e-verify-token';
export const PHONE_NUMBER_ID = '106540352242922';

/** A real n8n with the packed pack, and the store's file seen from outside. */
export interface Rig {
	host: Host;
	client: N8nClient;
	userFolder: string;
	credentials: Credential[];
	/** The same store as n8n's, opened by this process: it sees what is committed. */
	openStore(workspace?: string): Promise<ConversationStore>;
	storeFile: string;
	/** Saves and publishes, and waits until the webhook answers. Flows in one workspace meet. */
	publish(draft: WorkflowDraft, workspace?: string): Promise<Published>;
	/** Saves with the credentials of a workspace. */
	save(draft: WorkflowDraft, workspace?: string): Promise<Workflow>;
	stop(): Promise<void>;
}

export interface Published {
	workflow: Workflow;
	url: string;
}

/**
 * n8n's own migrations and the owner's account take longer than a test: they are done once for each
 * installation, and every test gets a copy.
 */
async function preparedFolder(): Promise<string> {
	const folder = path.join(INSTALL_FOLDER, 'prepared-user-folder');
	if (existsSync(folder)) return folder;
	const making = mkdtempSync(path.join(INSTALL_FOLDER, 'preparing-'));
	const host = await startHost({ userFolder: making });
	try {
		await host.waitReady();
		await new N8nClient(host.url).enter(OWNER);
	} finally {
		await host.stop();
	}
	// Two test files may have prepared at once: the first one counts.
	if (existsSync(folder)) rmSync(making, { recursive: true, force: true });
	else renameSync(making, folder);
	return folder;
}

/** The WhatsApp number that the tests write to. */
export async function whatsAppCredential(client: N8nClient): Promise<Credential> {
	return await client.credentials.create('WhatsApp', 'conversationWhatsAppApi', {
		appSecret: APP_SECRET,
		verifyToken: VERIFY_WORD,
		accessToken: 'e2e',
		phoneNumberId: PHONE_NUMBER_ID,
	});
}

/** Where Conversation Opened receives, and nothing for a flow that begins otherwise. */
export async function inboundUrl(client: N8nClient, workflow: Workflow): Promise<string> {
	const trigger = workflow.nodes.find(({ type }) => type.endsWith('conversationOpenedTrigger'));
	return trigger ? await client.workflows.webhookUrl(workflow, trigger.name) : '';
}

/** Starts a rig. `env` goes to n8n. */
export async function startRig(env: Record<string, string> = {}): Promise<Rig> {
	const userFolder = mkdtempSync(path.join(tmpdir(), 'conversations-e2e-'));
	cpSync(await preparedFolder(), userFolder, { recursive: true });
	await installPack(userFolder);
	const host = await startHost({ userFolder, env, skipCrashPause: true });
	await host.waitReady();
	const client = new N8nClient(host.url);
	await client.enter(OWNER);
	const credentials = [await whatsAppCredential(client)];
	const storeFile = path.join(userFolder, '.n8n', 'conversation-store', 'default.sqlite');
	const opened: ConversationStore[] = [];
	const save = async (draft: WorkflowDraft, workspace = 'default') => {
		const data = { backend: 'sqlite', storeName: 'default', workspace, sharedDisk: false };
		const name = `Store ${workspace}`;
		const store = await client.credentials.ensure(name, 'conversationStoreApi', data);
		return await client.workflows.import(draft, [store, ...credentials]);
	};
	return {
		host,
		client,
		userFolder,
		credentials,
		storeFile,
		async openStore(workspace = 'default') {
			mkdirSync(path.dirname(storeFile), { recursive: true });
			const engine = await openSqliteEngine(storeFile, idSource(Date.now));
			const store = new ConversationStore(engine, workspace);
			opened.push(store);
			return store;
		},
		save,
		async publish(draft, workspace) {
			const workflow = await save(draft, workspace);
			await client.workflows.publish(workflow.id);
			const url = await inboundUrl(client, workflow);
			if (url !== '') await client.workflows.waitForWebhook(url);
			return { workflow, url };
		},
		async stop() {
			for (const { engine } of opened) engine.close();
			await host.stop();
			rmSync(userFolder, { recursive: true, force: true });
		},
	};
}
