import { Readable } from 'node:stream';
import {
	BINARY_ENCODING,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteFunctions,
	type INodeProperties,
} from 'n8n-workflow';
import type { ConversationStore } from '../../store/store';

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
	operations: StoreOperation[];
}

/** Records read in one transaction. */
const PAGE = 500;

/** A parameter's value for the item at hand, already out of its resource locator. */
export class OperationCall {
	/** Files that leave with the item. */
	readonly files: IBinaryKeyData = {};

	constructor(
		private readonly context: IExecuteFunctions,
		readonly index: number,
		readonly store: ConversationStore,
	) {}

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
		default: first,
	};
}
