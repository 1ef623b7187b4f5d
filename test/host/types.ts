/** A JSON object. */
export type JsonObject = Record<string, unknown>;

/** A credential as a workflow's node refers to it. */
export interface CredentialReference {
	id: string;
	name: string;
}

/** A credential as n8n lists it (without its secret data). */
export interface Credential extends CredentialReference {
	type: string;
}

/** What n8n answers to a credential test. */
export interface CredentialTestResult {
	status: 'OK' | 'Error';
	message: string;
}

/** A node of a workflow; n8n fills in `id` and `webhookId` when they are missing. */
export interface WorkflowNode {
	id?: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: JsonObject;
	credentials?: Record<string, Partial<CredentialReference>>;
	webhookId?: string;
	disabled?: boolean;
	[key: string]: unknown;
}

/** A workflow as it is sent to n8n; also the content of a template file. */
export interface WorkflowDraft {
	name: string;
	nodes: WorkflowNode[];
	connections: JsonObject;
	settings?: JsonObject;
	pinData?: JsonObject;
	[key: string]: unknown;
}

/** A workflow as n8n returns it. */
export interface Workflow extends WorkflowDraft {
	id: string;
	versionId: string;
	activeVersionId: string | null;
	active: boolean;
	isArchived: boolean;
}

/** The part of a node type's description that the client needs. */
export interface NodeTypeDescription {
	name: string;
	displayName: string;
	properties: Array<{ name: string; default?: unknown }>;
	credentials?: Array<{
		name: string;
		required?: boolean;
		displayOptions?: { show?: Record<string, unknown[]>; hide?: Record<string, unknown[]> };
	}>;
	webhooks?: Array<{ name: string; httpMethod: string; path: string; isFullPath?: boolean }>;
}

/** States of an execution. */
export type ExecutionStatus =
	'canceled' | 'crashed' | 'error' | 'new' | 'running' | 'success' | 'unknown' | 'waiting';

/** An execution as lists have it. */
export interface ExecutionSummary {
	id: string;
	workflowId: string;
	mode: string;
	status: ExecutionStatus;
	createdAt: string;
	startedAt: string | null;
	stoppedAt: string | null;
	waitTill?: string | null;
}

/** An item of a node's output. */
export interface OutputItem {
	json: JsonObject;
	binary?: JsonObject;
	pairedItem?: unknown;
	error?: JsonObject;
}

/** One run of one node. */
export interface NodeRun {
	executionStatus: string;
	startTime: number;
	/** Place in the order in which the nodes of the execution ran. */
	executionIndex: number;
	executionTime: number;
	data?: { main?: Array<OutputItem[] | null> };
	error?: JsonObject & { message?: string };
	hints?: Array<{ message: string }>;
}

/** An execution with its decoded data. */
export interface Execution extends ExecutionSummary {
	workflowData: Workflow;
	data: {
		resultData: {
			runData: Record<string, NodeRun[]>;
			lastNodeExecuted?: string;
			error?: JsonObject & { message?: string };
		};
		[key: string]: unknown;
	};
}

/** What n8n answers when a workflow is run by hand. */
export type ManualRunAnswer = { executionId: string } | { waitingForWebhook: true };

/** How far a workflow's publication has come, and what its triggers said. */
export interface Publication {
	status: 'failed' | 'in_progress' | 'not_published' | 'partial' | 'published';
	triggers: Array<{ nodeId: string; status: string; errorMessage: string | null }>;
}

/** An entry of a resource locator's list. */
export interface ListEntry {
	name: string;
	value: string | number;
	url?: string;
}
