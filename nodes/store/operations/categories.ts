import { storeError } from '../errors';
import { realWorkspaceOf, type Operation } from '../operation';

export interface CategoryView {
	name: string;
	description: string;
}

/** Creates a category of the closing notes, or changes its description. */
export async function upsertCategory(
	operation: Operation,
	input: CategoryView,
): Promise<CategoryView> {
	await operation.tx
		.insertInto('categories')
		.values({ workspace: operation.workspace, ...input, created_at: operation.now })
		.onConflict((conflict) =>
			conflict.columns(['workspace', 'name']).doUpdateSet({ description: input.description }),
		)
		.execute();
	return input;
}

/** Conversations that were closed with it keep it. @throws StoreError `CategoryNotFound` */
export async function deleteCategory(operation: Operation, input: { name: string }): Promise<void> {
	const { numDeletedRows } = await operation.tx
		.deleteFrom('categories')
		.where('workspace', '=', operation.workspace)
		.where('name', '=', input.name)
		.executeTakeFirstOrThrow();
	if (Number(numDeletedRows) === 0) {
		throw storeError(
			'CategoryNotFound',
			`There is no category '${input.name}'`,
			'Choose one from the list',
		);
	}
}

export async function listCategories(operation: Operation): Promise<CategoryView[]> {
	return await operation.tx
		.selectFrom('categories')
		.select(['name', 'description'])
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.orderBy('name')
		.execute();
}
