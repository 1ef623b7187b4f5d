import { ExpressionError, NodeOperationError, type INode, type JsonObject } from 'n8n-workflow';
import { isChannelError } from '../channels/errors';
import { isStoreError } from '../store/errors';

/**
 * What went wrong, as n8n shows it: what happened, on which item, and what to do next. A failure
 * that is nobody's sentence (a mistake of ours) keeps its own message and says so.
 */
export function nodeFailure(node: INode, error: unknown, itemIndex?: number): NodeOperationError {
	if (error instanceof NodeOperationError) return error;
	const where = itemIndex === undefined ? '' : ` [Item ${itemIndex}]`;
	const options = itemIndex === undefined ? {} : { itemIndex };
	if (isStoreError(error) || isChannelError(error)) {
		return new NodeOperationError(node, `${error.message}${where}`, {
			...options,
			description: error.hint,
		});
	}
	if (error instanceof ExpressionError) {
		return new NodeOperationError(node, `${error.message}${where}`, {
			...options,
			description: error.description ?? 'Correct the expression in the parameters of this node',
		});
	}
	const cause = asError(error);
	return new NodeOperationError(node, `${cause.message}${where}`, {
		...options,
		description:
			'This was not expected. Please report it with the name of the node and this message at the package’s issue page',
	});
}

/** What was caught, as an error: JavaScript may throw anything. */
export const asError = (thrown: unknown) =>
	thrown instanceof Error ? thrown : new Error(String(thrown));

/** For `{json}` of an item that goes on although it failed. */
export function failureOf(error: NodeOperationError): JsonObject {
	return {
		error: error.message,
		...(error.description ? { errorHint: error.description } : {}),
	} as JsonObject;
}
