import { PACKAGE_NAME } from './paths';
import type { N8nClient } from './client';
import type {
	Credential,
	CredentialReference,
	JsonObject,
	ListEntry,
	NodeTypeDescription,
	WorkflowNode,
} from './types';

/** What {@link NodeTypes.searchList} asks for. */
export interface ListSearch {
	node: Pick<WorkflowNode, 'type' | 'typeVersion' | 'parameters' | 'credentials'>;
	/** The parameter, as `parameters.<name>`. */
	path: string;
	/** Method of the node's `methods.listSearch`. */
	method: string;
	filter?: string;
	paginationToken?: string;
}

/** n8n makes the tools of AI Agents from the nodes, and describes them only in the list of all types. */
const baseOfTool = (type: string) =>
	type.startsWith(PACKAGE_NAME) ? type.replace(/Tool$/, '') : type;

/** Node types of an n8n, and what their parameters load. */
export class NodeTypes {
	private readonly known = new Map<string, NodeTypeDescription>();

	constructor(private readonly client: N8nClient) {}

	/** The description of a node's type, or `undefined` when n8n does not know it. */
	async describe(
		node: Pick<WorkflowNode, 'type' | 'typeVersion'>,
	): Promise<NodeTypeDescription | undefined> {
		const key = `${node.type}@${node.typeVersion}`;
		const known = this.known.get(key);
		if (known) return known;
		const [description] = await this.client.request<NodeTypeDescription[]>('POST', '/node-types', {
			nodeInfos: [{ name: baseOfTool(node.type), version: node.typeVersion }],
		});
		if (description?.name === undefined) return undefined;
		this.known.set(key, description);
		return description;
	}

	/** Opens the list of a resource locator. */
	async searchList(
		search: ListSearch,
	): Promise<{ results: ListEntry[]; paginationToken?: string }> {
		const { node, path, method, filter, paginationToken } = search;
		return await this.client.request('POST', '/dynamic-node-parameters/resource-locator-results', {
			path,
			methodName: method,
			nodeTypeAndVersion: { name: node.type, version: node.typeVersion },
			currentNodeParameters: node.parameters,
			credentials: node.credentials,
			filter,
			paginationToken,
		});
	}

	/** Opens a drop-down whose options the node loads. */
	async loadOptions(search: ListSearch): Promise<ListEntry[]> {
		const { node, path, method } = search;
		return await this.client.request('POST', '/dynamic-node-parameters/options', {
			path,
			methodName: method,
			nodeTypeAndVersion: { name: node.type, version: node.typeVersion },
			currentNodeParameters: node.parameters,
			credentials: node.credentials,
		});
	}

	/** The node with those of the credentials that its type asks for and that it has not set. */
	async withCredentials(node: WorkflowNode, credentials: Credential[]): Promise<WorkflowNode> {
		const description = await this.describe(node);
		const named = Object.keys(node.credentials ?? {});
		const asked = (description?.credentials ?? [])
			.filter(({ displayOptions }) => isShown(node, description, displayOptions))
			.map(({ name }) => name);
		const filled: Record<string, CredentialReference> = {};
		for (const type of new Set([...named, ...asked])) {
			const wanted = node.credentials?.[type]?.name;
			const candidates = credentials.filter((credential) => credential.type === type);
			const chosen = candidates.find(({ name }) => name === wanted) ?? candidates[0];
			if (chosen) filled[type] = { id: chosen.id, name: chosen.name };
		}
		return Object.keys(filled).length > 0 ? { ...node, credentials: filled } : node;
	}

	/** The paths below `/webhook/` at which a node of a saved workflow listens for POST requests. */
	async webhookPaths(node: WorkflowNode): Promise<string[]> {
		const description = await this.describe(node);
		return (description?.webhooks ?? [])
			.filter(({ name }) => name === 'default')
			.map(({ path, isFullPath }) => {
				// The only expression in use refers to a parameter: {{$parameter["path"]}}
				const parameter = /\$parameter\[["'](\w+)["']\]/.exec(path)?.[1];
				const own = parameter ? String(node.parameters[parameter] ?? '') : path;
				return isFullPath ? own || (node.webhookId ?? '') : `${node.webhookId ?? ''}/${own}`;
			});
	}
}

/** Whether display options (without nesting) show something for the node's parameters. */
function isShown(
	node: WorkflowNode,
	description: NodeTypeDescription | undefined,
	options: { show?: Record<string, unknown[]>; hide?: Record<string, unknown[]> } = {},
): boolean {
	const values: JsonObject = { ...node.parameters };
	for (const { name, default: value } of description?.properties ?? []) values[name] ??= value;
	const matches = ([name, accepted]: [string, unknown[]]): boolean =>
		name.startsWith('@') ||
		[values[name.replace(/^\//, '')]].flat().some((value) => accepted.includes(value));
	const shown = Object.entries(options.show ?? {}).every(matches);
	return shown && !Object.entries(options.hide ?? {}).some(matches);
}
