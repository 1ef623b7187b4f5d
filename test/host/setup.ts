import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import type { N8nClient } from './client';
import { PACKAGE_NAME } from './paths';
import type { WhatsAppSecrets } from './secrets';
import type { Credential, Workflow, WorkflowDraft, WorkflowNode } from './types';

/** The phone number of Meta's documentation. */
export const PHONE_NUMBER_ID = '106540352242922';
/** Store and workspace of the demonstration. */
export const DEMO_STORE = { backend: 'sqlite', storeName: 'demo', workspace: 'default' };

const SET_UP_NAME = 'Set up teams and agents';
const OPENED_TRIGGER = `${PACKAGE_NAME}.conversationOpenedTrigger`;
const MANUAL_TRIGGER = 'n8n-nodes-base.manualTrigger';

/** All templates of a folder. */
export function readTemplates(folder: string): WorkflowDraft[] {
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.sort()
		.map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as WorkflowDraft);
}

/** The credentials of the demonstration, made when they are not there yet. */
export async function ensureCredentials(
	client: N8nClient,
	secrets: WhatsAppSecrets,
): Promise<Credential[]> {
	return [
		await client.credentials.ensure('Conversation Store', 'conversationStoreApi', DEMO_STORE),
		await client.credentials.ensure('WhatsApp Demo Number', 'conversationWhatsAppApi', {
			...secrets,
			accessToken: 'demo',
			phoneNumberId: PHONE_NUMBER_ID,
		}),
	];
}

/** Imports the templates that are not there yet (by name); returns all of them as they are saved. */
export async function ensureTemplates(
	client: N8nClient,
	templates: WorkflowDraft[],
	credentials: Credential[],
): Promise<Workflow[]> {
	const existing = await client.workflows.list();
	const workflows: Workflow[] = [];
	for (const template of templates) {
		const known = existing.find(({ name }) => name === template.name);
		workflows.push(
			known
				? await client.workflows.get(known.id)
				: await client.workflows.import(template, credentials),
		);
	}
	return workflows;
}

/** Runs the template that makes teams and agents, once: later starts keep what was changed. */
export async function runSetUp(client: N8nClient, workflows: Workflow[]): Promise<string> {
	const workflow = workflows.find(({ name }) => name.includes(SET_UP_NAME));
	if (!workflow) return `there is no template "${SET_UP_NAME}"`;
	const earlier = await client.executions.list({ workflowId: workflow.id, status: ['success'] });
	if (earlier.length > 0) return 'done at an earlier start';
	const trigger = workflow.nodes.find(({ type }) => type === MANUAL_TRIGGER);
	if (!trigger) throw new Error(`"${workflow.name}" cannot be run by hand: no manual trigger`);
	const execution = await client.workflows.runManually(workflow.id, { trigger: trigger.name });
	if (execution.status !== 'success') {
		const reason = execution.data.resultData.error?.message ?? execution.status;
		throw new Error(`"${workflow.name}" failed: ${reason}`);
	}
	return 'done';
}

/** Publishes the workflow of a template, if it is there and not live yet. */
export async function publishTemplate(
	client: N8nClient,
	workflows: Workflow[],
	name: string,
): Promise<Workflow> {
	const workflow = workflows.find((each) => each.name === name);
	if (!workflow) throw new Error(`There is no template "${name}"`);
	return workflow.active ? workflow : await client.workflows.publish(workflow.id);
}

/** The workflow that WhatsApp messages start, and where they are sent. */
export interface Inbound {
	workflow: Workflow;
	webhookUrl: string;
}

/** Whether this node listens to WhatsApp (which is what a node without a choice does). */
function listensToWhatsApp({ type, parameters, disabled }: WorkflowNode): boolean {
	const channel = String(parameters.channel ?? 'whatsapp');
	return type === OPENED_TRIGGER && !disabled && /^whatsapp/i.test(channel);
}

/** Publishes the workflow that WhatsApp messages start and waits until its webhook is known. */
export async function publishInbound(
	client: N8nClient,
	workflows: Workflow[],
): Promise<Inbound | undefined> {
	const workflow = workflows.find(({ nodes }) => nodes.some(listensToWhatsApp));
	const trigger = workflow?.nodes.find(listensToWhatsApp);
	if (!workflow || !trigger) return undefined;
	if (!workflow.active) await client.workflows.publish(workflow.id);
	const webhookUrl = await client.workflows.webhookUrl(workflow, trigger.name);
	await client.workflows.waitForWebhook(webhookUrl);
	return { workflow, webhookUrl };
}
