import { LEFT_OUT, type Counts } from '../../store/transfer/format';
import type { OperationCall, StoreOperation } from './resource';

/** What this file is to programs that open it: lines of JSON. */
const MIME_TYPE = 'application/x-ndjson';

const fileField = (description: string) => ({
	displayName: 'File Field',
	name: 'binaryProperty',
	type: 'string' as const,
	default: 'data',
	required: true,
	placeholder: 'e.g. data',
	description,
});

/** A workspace as a file, from store to store, and how long what was written is kept. */
export const transferOperations: StoreOperation[] = [
	{
		name: 'Export',
		value: 'export',
		action: 'Export the workspace to a file',
		description:
			'Writes contacts, conversations, messages, teams, agents and events of the workspace to a file. It holds personal data.',
		parameters: [fileField('Name of the field of the output item that gets the file')],
		run: async (call) => ({ ...(await exportTo(call, call.text('binaryProperty'))) }),
	},
	{
		name: 'Get Retention',
		value: 'getRetention',
		action: 'Get the retention of the workspace',
		description: 'How long what was written is kept after a conversation was closed',
		parameters: [],
		run: async (call) => ({ ...(await call.store.getRetention()) }),
	},
	{
		name: 'Import',
		value: 'import',
		action: 'Import a workspace from a file',
		description:
			'Reads an exported file into the workspace of this credential: all of it, or nothing when anything is wrong',
		parameters: [
			fileField('Name of the field of the incoming item that has the file'),
			{
				displayName: 'Replace What Is There',
				name: 'replace',
				type: 'boolean',
				default: false,
				description:
					'Whether to remove everything that the workspace has first. Otherwise it must be empty.',
			},
		],
		async run(call) {
			const file = await call.readFile(call.text('binaryProperty'));
			const result = await call.store.importWorkspace(file, {
				replace: call.flag('replace'),
				source: 'workflow',
			});
			return { ...result, leftOut: [...result.leftOut] };
		},
	},
	{
		name: 'Set Retention',
		value: 'setRetention',
		action: 'Set the retention of the workspace',
		description:
			'Removes what was written in closed conversations after some days. Numbers for reports stay.',
		parameters: [
			{
				displayName: 'Keep Forever',
				name: 'forever',
				type: 'boolean',
				default: false,
				description: 'Whether messages and summaries stay until somebody erases them',
			},
			{
				displayName: 'Days',
				name: 'days',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 365,
				displayOptions: { show: { forever: [false] } },
				description:
					'How many days after a conversation was closed its messages and summary are removed. This cannot be undone.',
			},
		],
		run: async (call) => ({
			...(await call.store.setRetention({
				days: call.flag('forever') ? null : call.number('days'),
				source: 'workflow',
			})),
		}),
	},
];

async function exportTo(call: OperationCall, field: string) {
	const { store } = call;
	const pieces = store.exportWorkspace({ source: 'workflow' });
	let counts: Counts | undefined;
	const counted = async function* () {
		counts = yield* pieces;
	};
	const day = new Date(store.clock()).toISOString().slice(0, 10);
	const fileName = `${store.workspace}-${day}.ndjson`;
	await call.writeFile(field, counted(), { name: fileName, mimeType: MIME_TYPE });
	return { fileName, written: { ...counts }, leftOut: [...LEFT_OUT] };
}
