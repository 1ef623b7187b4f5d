import axios from 'axios';

import type { N8nClient } from './client';
import type {
	Credential,
	Execution,
	JsonObject,
	ManualRunAnswer,
	Publication,
	Workflow,
	WorkflowDraft,
} from './types';
import { until } from './waiting';

/** Fields that belong to another instance and must not come along with a template. */
const FOREIGN_FIELDS = [
	'id',
	'active',
	'versionId',
	'activeVersionId',
	'meta',
	'tags',
	'createdAt',
];

/** How a workflow is run by hand. */
export interface ManualRun {
	/** Name of the node to start at. */
	trigger: string;
	/** Name of the last node to run; without it the whole workflow. */
	destination?: string;
	/** The editor tab that hears the results. */
	pushRef?: string;
	timeout?: number;
}

/** Workflows of an n8n. */
export class Workflows {
	constructor(private readonly client: N8nClient) {}

	/** Saves a new workflow. */
	async create(draft: WorkflowDraft): Promise<Workflow> {
		return await this.client.request('POST', '/workflows', draft);
	}

	/** Saves a template as a new workflow, with the credentials its nodes ask for. */
	async import(template: WorkflowDraft, credentials: Credential[]): Promise<Workflow> {
		const nodes = await Promise.all(
			template.nodes.map(
				async (node) => await this.client.nodeTypes.withCredentials(node, credentials),
			),
		);
		const own = Object.entries(template).filter(([field]) => !FOREIGN_FIELDS.includes(field));
		return await this.create({ ...(Object.fromEntries(own) as WorkflowDraft), nodes });
	}

	/** A workflow. */
	async get(id: string): Promise<Workflow> {
		return await this.client.request('GET', `/workflows/${id}`);
	}

	/** All workflows that are not archived, without their nodes. */
	async list(): Promise<Array<Pick<Workflow, 'id' | 'name' | 'active'>>> {
		return await this.client.request('GET', '/workflows', undefined, {
			params: { filter: JSON.stringify({ isArchived: false }) },
		});
	}

	/** Saves changes; a published workflow goes on with its old version until published again. */
	async update(id: string, changes: Partial<WorkflowDraft>): Promise<Workflow> {
		return await this.client.request('PATCH', `/workflows/${id}`, changes);
	}

	/** Archives a workflow, which also unpublishes it. */
	async archive(id: string): Promise<void> {
		await this.client.request('POST', `/workflows/${id}/archive`, {});
	}

	/** Deletes a workflow for good; n8n wants it archived first. */
	async delete(id: string): Promise<void> {
		await this.archive(id);
		await this.client.request('DELETE', `/workflows/${id}`);
	}

	/** Publishes the newest version. Its webhooks exist a moment later: {@link waitForWebhook}. */
	async publish(id: string): Promise<Workflow> {
		const { versionId } = await this.get(id);
		return await this.client.request('POST', `/workflows/${id}/activate`, { versionId });
	}

	/** What became of a publication: n8n answers {@link publish} before it starts the triggers. */
	async publication(id: string): Promise<Publication> {
		return await this.client.request('GET', `/workflows/${id}/publication-status`);
	}

	/** Unpublishes. */
	async unpublish(id: string): Promise<Workflow> {
		return await this.client.request('POST', `/workflows/${id}/deactivate`, {});
	}

	/** The address of a node's webhook (`test` for the one of "Listen for test event"). */
	async webhookUrl(workflow: Workflow, nodeName: string, test = false): Promise<string> {
		const node = workflow.nodes.find(({ name }) => name === nodeName);
		if (!node) throw new Error(`"${workflow.name}" has no node "${nodeName}"`);
		const [path] = await this.client.nodeTypes.webhookPaths(node);
		if (path === undefined) throw new Error(`"${nodeName}" has no webhook`);
		return `${this.client.url}/${test ? 'webhook-test' : 'webhook'}/${path}`;
	}

	/** The methods that a webhook address accepts; asking starts nothing. */
	async webhookMethods(url: string): Promise<string[]> {
		const response = await axios.options(url, {
			// Without an origin n8n does not look the address up.
			headers: { origin: this.client.url },
			validateStatus: () => true,
			proxy: false,
		});
		const allowed = String(response.headers['access-control-allow-methods'] ?? '');
		return allowed
			.split(',')
			.map((method) => method.trim())
			.filter((method) => method !== '' && method !== 'OPTIONS');
	}

	/** Resolves when n8n knows the address, which is 1 to 2 s after publishing or starting. */
	async waitForWebhook(url: string, method = 'POST', timeout = 30_000): Promise<void> {
		await until(
			async () => ((await this.webhookMethods(url)).includes(method) ? true : undefined),
			{ what: `the webhook ${method} ${url}`, timeout },
		);
	}

	/**
	 * Runs a workflow as the editor's button does. The saved version runs, with its pinned data.
	 *
	 * @returns the execution, or that n8n now listens at the test address
	 */
	async startManualRun(id: string, run: ManualRun): Promise<ManualRunAnswer> {
		const { trigger, destination, pushRef } = run;
		const body: JsonObject = { triggerToStartFrom: { name: trigger } };
		if (destination) body.destinationNode = { nodeName: destination, mode: 'inclusive' };
		return await this.client.request('POST', `/workflows/${id}/run`, body, { pushRef });
	}

	/** Runs a workflow as the editor's button does and waits for its end. */
	async runManually(id: string, run: ManualRun): Promise<Execution> {
		const push = await this.client.openPush(run.pushRef);
		try {
			const answer = await this.startManualRun(id, { ...run, pushRef: push.pushRef });
			if (!('executionId' in answer)) {
				throw new Error(`"${run.trigger}" waits for a test event: use listenForTestEvent`);
			}
			await push.next(
				'executionFinished',
				(data) => data.executionId === answer.executionId,
				run.timeout,
			);
			return await this.client.executions.get(answer.executionId);
		} finally {
			push.close();
		}
	}

	/**
	 * Presses "Listen for test event", calls `send` once n8n listens, and waits for the run.
	 *
	 * @param send - causes the event; gets the test address
	 */
	async listenForTestEvent(
		workflow: Workflow,
		run: ManualRun,
		send: (testUrl: string) => Promise<unknown>,
	): Promise<Execution> {
		const push = await this.client.openPush(run.pushRef);
		try {
			const answer = await this.startManualRun(workflow.id, { ...run, pushRef: push.pushRef });
			if (!('waitingForWebhook' in answer)) {
				throw new Error(`"${run.trigger}" did not wait for a test event`);
			}
			await send(await this.webhookUrl(workflow, run.trigger, true));
			const { data } = await push.next('executionFinished', undefined, run.timeout);
			return await this.client.executions.get(String(data.executionId));
		} finally {
			push.close();
		}
	}

	/** Ends "Listen for test event". */
	async stopListening(id: string): Promise<void> {
		await this.client.request('DELETE', `/test-webhook/${id}`);
	}
}
