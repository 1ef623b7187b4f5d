import { categoryParameter } from '../../descriptions/common';
import type { StoreResource } from './resource';

/** What conversations can be about; chosen when they are closed. */
export const category: StoreResource = {
	name: 'Category',
	value: 'category',
	operations: [
		{
			name: 'Create or Update',
			value: 'upsert',
			action: 'Create or update a category',
			description: 'Create a new record, or update the current one if it already exists (upsert)',
			parameters: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					required: true,
					placeholder: 'e.g. Billing question',
				},
				{
					displayName: 'Description',
					name: 'description',
					type: 'string',
					default: '',
					placeholder: 'e.g. Invoices, refunds, payment methods',
					description: 'When to choose it',
				},
			],
			run: async (call) => ({
				...(await call.store.upsertCategory({
					name: call.text('name'),
					description: call.text('description'),
				})),
			}),
		},
		{
			name: 'Delete',
			value: 'delete',
			action: 'Delete a category',
			description: 'Conversations that were closed with it keep it',
			parameters: [categoryParameter({ required: true })],
			async run(call) {
				await call.store.deleteCategory({ name: call.text('category') });
				return { deleted: true };
			},
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many categories',
			description: 'All categories of the workspace',
			parameters: [],
			run: async (call) => (await call.store.listCategories()).map((row) => ({ ...row })),
		},
	],
};
