import 'reflect-metadata';
import './environment';
import { randomUUID } from 'node:crypto';
import {
	CredentialTestContext,
	ExecuteContext,
	HookContext,
	LoadOptionsContext,
	SupplyDataContext,
	TriggerContext,
	WebhookContext,
} from 'n8n-core';
import {
	createRunExecutionData,
	NodeConnectionTypes,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialsHelper,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type ITriggerFunctions,
	type IWebhookData,
	type IWorkflowExecuteAdditionalData,
	type WebhookType,
	type WorkflowActivateMode,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { getStore } from '../../../nodes/store/registry';
import type { ConversationStore } from '../../../nodes/store/store';
import { authenticate } from './authenticating';
import { connectionsTo, modelNode, withModel } from './chatModel';
import { answerRecorder, type Posted } from './http';
import {
	filledParameters,
	nodeNamed,
	nodeTypes,
	PACKAGE,
	parameterIssues,
	requireParameter,
	type NodeName,
} from './nodeTypes';

export interface RunOptions {
	parameters?: INodeParameters;
	items?: Array<IDataObject | INodeExecutionData>;
	mode?: WorkflowExecuteMode;
	executionId?: string;
	runIndex?: number;
	onError?: INode['onError'];
	/** Credentials that the node has chosen; those of the bench unless said otherwise. */
	credentials?: string[];
	/** The test is about a form that the editor marks red. */
	incomplete?: boolean;
	/** What a connected chat model supplies; or a function that is called for it. */
	model?: unknown;
	/** Ends when a person stops the execution. */
	stopped?: AbortSignal;
	/** Nodes beside it in the workflow, of {@link Bench.nodeOf}. */
	others?: INode[];
}

export interface RunResult {
	outputs: INodeExecutionData[][];
	hints: string[];
	/** Until when n8n lets the execution wait. */
	waitTill?: Date;
}

/** By it n8n knows who may let an execution go on. */
export const RESUMED_BY = 'sesame-4711';

const isItem = (item: IDataObject | INodeExecutionData): item is INodeExecutionData =>
	'json' in item;

/** One workflow with one store of its own, run in the contexts of n8n-core. */
export class Bench {
	readonly storeName = `t-${randomUUID().slice(0, 18)}`;
	readonly workflowId = randomUUID();
	readonly credentials: Record<string, ICredentialDataDecryptedObject> = {
		conversationStoreApi: {
			backend: 'sqlite',
			storeName: this.storeName,
			workspace: 'acme',
			sharedDisk: false,
		},
	};

	async store(): Promise<ConversationStore> {
		const { storeName, workspace } = this.credentials.conversationStoreApi as {
			storeName: string;
			workspace: string;
		};
		return await getStore({ backend: 'sqlite', storeName, workspace, sharedDisk: false }, () => {});
	}

	/** Runs `execute()`; several items, one context. */
	async execute(name: NodeName, options: RunOptions = {}): Promise<RunResult> {
		const { workflow, node } = this.workflowWith(name, options);
		const input = this.input(options);
		const runData = createRunExecutionData({ resumeToken: RESUMED_BY });
		const context = new ExecuteContext(
			workflow,
			node,
			this.additionalData(options),
			options.mode ?? 'trigger',
			runData,
			options.runIndex ?? 0,
			input,
			{ main: [input] },
			{ data: { main: [input] }, node, source: null },
			[],
			options.stopped,
		);
		const outputs = (await nodeNamed(name).execute!.call(
			checked(name, context) as IExecuteFunctions,
		)) as INodeExecutionData[][];
		const { waitTill } = runData;
		const hints = context.hints.map(({ message }) => message);
		return { outputs, hints, ...(waitTill ? { waitTill } : {}) };
	}

	/** Calls `webhook()` of a node whose execution waits, as n8n does with a POST to its address. */
	async resume(name: NodeName, body: unknown, options: RunOptions = {}) {
		const { workflow, node } = this.workflowWith(name, options);
		const input = this.input(options);
		const response = answerRecorder();
		const additionalData = Object.assign(this.additionalData(options), {
			httpRequest: { headers: {}, query: {}, params: {}, body },
			httpResponse: response,
		});
		const context = new WebhookContext(
			workflow,
			node,
			additionalData as unknown as IWorkflowExecuteAdditionalData,
			options.mode ?? 'trigger',
			{
				httpMethod: 'POST',
				node: node.name,
				path: 'webhook',
				webhookDescription: nodeNamed(name).description.webhooks![0]!,
				workflowId: this.workflowId,
				workflowExecuteAdditionalData: this.additionalData(options),
			},
			[],
			createRunExecutionData({
				resumeToken: RESUMED_BY,
				executionData: {
					nodeExecutionStack: [{ node, data: { main: [input] }, source: null }],
				},
			}),
		);
		const { workflowData: outputs } = await nodeNamed(name).webhook!.call(checked(name, context));
		return { outputs, answer: response.answer };
	}

	/** Runs the node as the tool of an AI agent: the arguments are the item, output 0 the answer. */
	async executeAsTool(name: NodeName, options: RunOptions = {}): Promise<RunResult> {
		const { workflow, node } = this.workflowWith(name, options, 'Tool');
		const input = this.input(options);
		const context = new SupplyDataContext(
			workflow,
			node,
			this.additionalData(options),
			options.mode ?? 'trigger',
			createRunExecutionData({}),
			options.runIndex ?? 0,
			input,
			{ [NodeConnectionTypes.AiTool]: [input] },
			NodeConnectionTypes.AiTool,
			{ data: { main: [input] }, node, source: null },
			[],
		);
		const outputs = (await nodeNamed(name).execute!.call(
			checked(name, context) as unknown as IExecuteFunctions,
		)) as INodeExecutionData[][];
		return { outputs, hints: context.hints.map(({ message }) => message) };
	}

	/** Calls `webhook()` of a trigger: of Conversation Opened, unless another is named. */
	async webhook(
		posted: Posted,
		{
			name = 'conversationOpenedTrigger',
			webhookName = 'default',
			...options
		}: RunOptions & { name?: NodeName; webhookName?: WebhookType } = {},
	) {
		const { workflow, node } = this.workflowWith(name, options);
		const response = answerRecorder();
		const additionalData = Object.assign(this.additionalData(options), {
			httpRequest: Object.assign(posted, { query: {}, ...posted, params: {}, body: {} }),
			httpResponse: response,
		});
		const webhookDescription = nodeNamed(name).description.webhooks!.find(
			(webhook) => webhook.name === webhookName,
		)!;
		const context = new WebhookContext(
			workflow,
			node,
			additionalData as unknown as IWorkflowExecuteAdditionalData,
			options.mode ?? 'webhook',
			{
				httpMethod: 'POST',
				node: node.name,
				path: 'webhook',
				webhookDescription,
				workflowId: this.workflowId,
				workflowExecuteAdditionalData: this.additionalData(options),
			},
			[],
			null,
		);
		const { webhook } = nodeNamed(name);
		const result = await webhook!.call(checked(name, context));
		return { ...result, answer: response.answer };
	}

	triggerContext(
		name: NodeName,
		emit: ITriggerFunctions['emit'],
		options: RunOptions & { emitError?: ITriggerFunctions['emitError'] } = {},
	): TriggerContext {
		const { workflow, node } = this.workflowWith(name, options);
		const mode = options.mode ?? 'trigger';
		const activation: WorkflowActivateMode = mode === 'manual' ? 'manual' : 'activate';
		const context = new TriggerContext(
			workflow,
			node,
			this.additionalData(options),
			mode,
			activation,
			emit,
			options.emitError,
		);
		return checked(name, context);
	}

	/** @param options.isTest unless said otherwise, what is activated by hand; n8n ends a test by an update */
	hookContext(
		name: NodeName,
		activation: WorkflowActivateMode,
		options: RunOptions & { isTest?: boolean } = {},
	) {
		const { workflow, node } = this.workflowWith(name, options);
		const isTest = options.isTest ?? activation === 'manual';
		const mode = isTest ? 'internal' : 'trigger';
		const additionalData = this.additionalData(options);
		// What n8n knows of the webhook; a test run has an address of its own.
		const webhookData: IWebhookData = {
			httpMethod: 'POST',
			node: node.name,
			path: 'webhook',
			webhookDescription: nodeNamed(name).description.webhooks!.at(-1)!,
			workflowId: this.workflowId,
			workflowExecuteAdditionalData: additionalData,
			isTest,
		};
		return checked(
			name,
			new HookContext(workflow, node, additionalData, mode, activation, webhookData),
		);
	}

	loadOptionsContext(name: NodeName, options: RunOptions = {}) {
		const { workflow, node } = this.workflowWith(name, { incomplete: true, ...options });
		return new LoadOptionsContext(workflow, node, this.additionalData(options), '');
	}

	/** Tests a credential as the editor does when it is saved. */
	async testCredential(changes: ICredentialDataDecryptedObject = {}) {
		const data = { ...this.credentials.conversationStoreApi, ...changes };
		const { testConversationStore } = nodeNamed('conversationStore').methods!.credentialTest!;
		return await testConversationStore!.call(new CredentialTestContext(), {
			id: '1',
			name: 'Conversation Store',
			type: 'conversationStoreApi',
			data,
		});
	}

	nodeOf(name: NodeName, options: RunOptions = {}, suffix = ''): INode {
		const { description } = nodeNamed(name);
		const chosen = options.credentials ?? Object.keys(this.credentials);
		const node: INode = {
			id: `node-${name}`,
			name: description.displayName,
			type: `${PACKAGE}.${name}${suffix}`,
			typeVersion: description.version as number,
			position: [0, 0],
			parameters: filledParameters(name, options.parameters ?? {}),
			credentials: Object.fromEntries(chosen.map((type) => [type, { id: type, name: type }])),
			...(options.onError ? { onError: options.onError } : {}),
		};
		const issues = parameterIssues(name, node);
		if (issues && options.incomplete !== true) {
			throw new Error(`The editor marks this form: ${JSON.stringify(issues)}`);
		}
		return node;
	}

	private workflowWith(name: NodeName, options: RunOptions, suffix = '') {
		const node = this.nodeOf(name, options, suffix);
		const { model } = options;
		const workflow = new Workflow({
			id: this.workflowId,
			nodes: [node, ...(model === undefined ? [] : [modelNode]), ...(options.others ?? [])],
			connections: model === undefined ? {} : connectionsTo(node),
			active: true,
			nodeTypes: model === undefined ? nodeTypes : withModel(model),
		});
		return { workflow, node: workflow.getNode(node.name)! };
	}

	private input({ items = [{}] }: RunOptions): INodeExecutionData[] {
		return items.map((item) => (isItem(item) ? item : { json: item }) as INodeExecutionData);
	}

	private additionalData({ executionId = '1' }: RunOptions): IWorkflowExecuteAdditionalData {
		// A node keeps the credential that it has chosen; another one is for the contexts to come.
		const chosen = { ...this.credentials };
		return {
			executionId,
			webhookWaitingBaseUrl: 'https://n8n.example.com/webhook-waiting',
			formWaitingBaseUrl: 'https://n8n.example.com/form-waiting',
			webhookBaseUrl: 'https://n8n.example.com/webhook',
			webhookTestBaseUrl: 'https://n8n.example.com/webhook-test',
			currentNodeExecutionIndex: 0,
			credentialsHelper: {
				getParentTypes: () => [],
				isCredentialUsableByNode: () => true,
				getCredentialsProperties: () => [],
				authenticate,
				preAuthentication: async () => undefined,
				getDecrypted: async (...[, , type, mode, executeData, , run]: Decrypting) =>
					decrypted(chosen[type], mode, executeData, run),
			},
		} as unknown as IWorkflowExecuteAdditionalData;
	}
}

type Decrypting = Parameters<ICredentialsHelper['getDecrypted']>;

/** A field may be an expression; in an execution it may ask for the item, as in n8n. */
function decrypted(
	data: ICredentialDataDecryptedObject | undefined,
	mode: Decrypting[3],
	executeData: Decrypting[4],
	run: Decrypting[6],
): ICredentialDataDecryptedObject {
	if (!run) return { ...data };
	return run.workflow.expression.getParameterValue(
		{ ...data } as INodeParameters,
		run.runExecutionData,
		run.runIndex,
		run.itemIndex,
		run.node.name,
		run.connectionInputData,
		mode,
		{},
		executeData,
	) as ICredentialDataDecryptedObject;
}

/** The context refuses questions for parameters that the node's description has not. */
function checked<C extends { getNodeParameter: unknown }>(name: NodeName, context: C): C {
	const ask = (context.getNodeParameter as (...args: unknown[]) => unknown).bind(context);
	Object.defineProperty(context, 'getNodeParameter', {
		value: (path: string, ...rest: unknown[]) => {
			requireParameter(name, path);
			return ask(path, ...rest);
		},
	});
	return context;
}
