import type { StoreOperation } from './resource';

/** Copies of the embedded store, and the way back to one. They are of all its workspaces. */
export const backupOperations: StoreOperation[] = [
	{
		name: 'Back Up',
		value: 'backUp',
		action: 'Back up the store',
		description:
			"Copies the whole embedded store, all workspaces, into the folder 'backups' beside it, while it is in use",
		parameters: [
			{
				displayName: 'Keep at Most',
				name: 'keep',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 7,
				description: 'Older backups of this store are deleted when there are more. 0 keeps all.',
			},
		],
		async run(call) {
			const keep = call.number('keep');
			return { ...(await call.store.backUp(keep === 0 ? {} : { keep })) };
		},
	},
	{
		name: 'Get Backups',
		value: 'getBackups',
		action: 'Get the backups of the store',
		description: 'The backups that are there, the newest first',
		parameters: [],
		run: async (call) => (await call.store.listBackups()).map((row) => ({ ...row })),
	},
	{
		name: 'Restore Backup',
		value: 'restoreBackup',
		action: 'Restore a backup of the store',
		description:
			'Replaces the whole store, all workspaces, by one of its backups. The present store is kept as another backup.',
		parameters: [
			{
				displayName:
					'Everything since the backup is taken back, in all workspaces. Conversations that were owed to a workflow at that moment start it again.',
				name: 'restoreNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Backup',
				name: 'backup',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. default-20260105T090000000Z.sqlite',
				description: 'The name of a backup, as Get Backups lists it',
			},
			{
				displayName: 'Store Name to Confirm',
				name: 'confirm',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. default',
				description: 'The Store Name of the credential, typed once more to say that you mean it',
			},
		],
		run: async (call) => ({
			...(await call.store.restoreBackup({
				name: call.text('backup'),
				confirm: call.text('confirm'),
			})),
		}),
	},
];
