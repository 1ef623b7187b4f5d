import { Readable } from 'node:stream';
import {
	BINARY_ENCODING,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeParameters,
	type INodeProperties,
} from 'n8n-workflow';
import { conversationIdOf } from '../../runtime/conversationOfItem';
import { storeError } from '../../store/errors';
import type { ConversationStore } from '../../store/store';
import { DateTime } from '../../vendor';

/** One operation: what it asks for, and what it does. */
export interface StoreOperation {
	name: string;
	value: string;
	/** Verb and resource, as the node creator shows it. */
	action: string;
	description: string;
	/** `displayOptions` are added by {@link propertiesOf}. */
	parameters: INodeProperties[];
	/** One item, or several for a list. */
	run(call: OperationCall): Promise<IDataObject | IDataObject[]>;
}

export interface StoreResource {
	name: string;
	value: string;
	/** The operation that is chosen at first; the first of all where none is named. */
	defaultOperation?: string;
	operations: StoreOperation[];
}

/** Records read in one transaction. */
const PAGE = 500;

/** A parameter's value for the item at hand, already out of its resource locator. */
export class OperationCall {
	/** Files that leave with the item. */
	readonly files: IBinaryKeyData = {};
	/** What the operator should see without opening the item. */
	hint: string | undefined;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly item: INodeExecutionData,
		readonly index: number,
		readonly store: ConversationStore,
	) {}

	/** The conversation to act on, by the parameter 'Conversation'. */
	async conversationId(): Promise<string> {
		const { id, hint } = await conversationIdOf(this.context, this.store, this.item, this.index);
		this.hint = hint;
		return id;
	}

	text(name: string): string {
		const value = this.context.getNodeParameter(name, this.index, '', { extractValue: true });
		return String(value ?? '').trim();
	}

	number(name: string): number {
		return Number(this.context.getNodeParameter(name, this.index));
	}

	flag(name: string): boolean {
		return this.context.getNodeParameter(name, this.index) === true;
	}

	collection(name: string): IDataObject {
		return this.context.getNodeParameter(name, this.index, {}) as IDataObject;
	}

	/** As it is given: text, number, object or list. */
	value(name: string): unknown {
		return this.context.getNodeParameter(name, this.index, '');
	}

	/**
	 * A date and time in milliseconds since 1970, by the workflow's time zone where it names none; null
	 * when the field is empty.
	 *
	 * @throws StoreError `InvalidInput`
	 */
	moment(name: string, label: string): number | null {
		const value = this.value(name);
		if (value === '' || value === null || value === undefined) return null;
		const text = value instanceof Date ? value.toISOString() : String(value);
		const time = DateTime.fromISO(text.trim().replace(' ', 'T'), {
			zone: this.context.getTimezone(),
		});
		if (time.isValid) return time.toMillis();
		throw storeError(
			'InvalidInput',
			`'${label}' is no date and time`,
			'Choose one, or write it like 2026-12-31T18:00',
		);
	}

	/** This node's parameters as they are saved: expressions not resolved. */
	saved(): IDataObject {
		return this.context.getNode().parameters;
	}

	/**
	 * Those of another node of the workflow, as they are saved. It need not have run.
	 *
	 * @throws StoreError `InvalidInput` where there is none of this name
	 */
	savedOf(node: string): INodeParameters {
		try {
			const proxy = this.context.getWorkflowDataProxy(this.index);
			return (proxy.$ as (name: string) => { params: INodeParameters })(node).params;
		} catch (error) {
			throw storeError(
				'InvalidInput',
				`This workflow has no node with the name '${node}'`,
				'Write its name as it stands under the node on the canvas',
				error,
			);
		}
	}

	/**
	 * The file of the incoming item under this name, piece by piece where n8n keeps it on a disk.
	 *
	 * @throws NodeOperationError when the item has none
	 */
	async readFile(name: string): Promise<AsyncIterable<string | Uint8Array>> {
		const { helpers } = this.context;
		const file = helpers.assertBinaryData(this.index, name);
		if (file.id !== undefined) return await helpers.getBinaryStream(file.id);
		return Readable.from([Buffer.from(file.data, BINARY_ENCODING)]);
	}

	/** Puts a file on the item, piece by piece as well. */
	async writeFile(
		name: string,
		pieces: AsyncIterable<string>,
		file: { name: string; mimeType: string },
	): Promise<void> {
		this.files[name] = await this.context.helpers.prepareBinaryData(
			Readable.from(pieces, { objectMode: false }),
			file.name,
			file.mimeType,
		);
	}

	/** Reads as many as the form asks for, page by page: short transactions, however many there are. */
	async list<T extends object>(
		read: (page: { limit: number; offset: number }) => Promise<T[]>,
	): Promise<IDataObject[]> {
		const most = this.flag('returnAll') ? Infinity : this.number('limit');
		const found: T[] = [];
		while (found.length < most) {
			const limit = Math.min(PAGE, most - found.length);
			const rows = await read({ limit, offset: found.length });
			found.push(...rows);
			if (rows.length < limit) break;
		}
		return found.map((row) => ({ ...row }) as IDataObject);
	}
}

/** A resource locator inside a collection comes as it is written. */
export function locatorValue(locator: unknown): string {
	const value =
		typeof locator === 'object' && locator !== null
			? (locator as { value?: unknown }).value
			: locator;
	return typeof value === 'string' ? value.trim() : '';
}

export const listParameters: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: { show: { returnAll: [false] } },
		description: 'Max number of results to return',
	},
];

/** The node's properties: resource, operation, and each operation's own. */
export function propertiesOf(resources: StoreResource[]): INodeProperties[] {
	const first = resources[0]!.value;
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: resources.map(({ name, value }) => ({ name, value })),
			default: first,
		},
		...resources.flatMap((resource): INodeProperties[] => [
			operationsOf(resource),
			...resource.operations.flatMap((operation) =>
				operation.parameters.map((parameter) => ({
					...parameter,
					displayOptions: {
						...parameter.displayOptions,
						show: {
							resource: [resource.value],
							operation: [operation.value],
							...parameter.displayOptions?.show,
						},
					},
				})),
			),
		]),
	];
}

function operationsOf(resource: StoreResource): INodeProperties {
	const first = resource.operations[0]!.value;
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource.value] } },
		options: resource.operations.map(({ name, value, action, description }) => ({
			name,
			value,
			action,
			description,
		})),
		default: resource.defaultOperation ?? first,
	};
}
