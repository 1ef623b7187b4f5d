import type { IDataObject, IRun, ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import type { SubscriberInput } from '../store/operations/subscriptions';
import { isQueueMode } from '../store/settings';
import type { ConversationStore } from '../store/store';
import { Dispatcher } from './dispatcher';
import { asError } from './failures';
import { sentence } from './storeOfNode';

/** Executions at a time; in queue mode n8n only hands them to workers. */
export const defaultInFlight = () => (isQueueMode() ? 100 : 20);

/** Runs a trigger node in production: subscribes, and emits what it is owed until it is closed. */
export async function emitDeliveries(
	context: ITriggerFunctions,
	store: ConversationStore,
	subscriber: SubscriberInput,
	limit: number,
): Promise<ITriggerResponse> {
	const { id, missed } = await store.subscribe(subscriber);
	const { logger } = context;
	if (missed > 0) {
		const count = missed > 1000 ? 'more than 1,000' : String(missed);
		logger.warn(`Conversation Event: ${count} events happened while this trigger was not running`);
	}
	const dispatcher = new Dispatcher({
		store,
		subscriptionId: id,
		limit,
		emit: async (item, key) => await emit(context, item as unknown as IDataObject, key),
		onFailure: (error) => logger.error(`Conversation store: ${sentence(error)}`),
	});
	await dispatcher.start();
	return { closeFunction: async () => dispatcher.stop() };
}

async function emit(
	context: ITriggerFunctions,
	json: IDataObject,
	deduplicationKey: string,
): Promise<IRun | undefined> {
	const done = context.helpers.createDeferredPromise<IRun>();
	context.emit([[{ json }]], undefined, done, deduplicationKey);
	return await done.promise;
}

/** How often a test run looks for its item. Milliseconds. */
const TEST_POLL = 200;

/**
 * For test runs, where n8n waits for `emit` and for nothing else: asks until `next` has an item, and
 * emits it. n8n closes the trigger when the person stops listening.
 */
export function emitWhenThere(
	context: ITriggerFunctions,
	next: () => Promise<IDataObject | undefined>,
): ITriggerResponse {
	let stopped = false;
	return {
		closeFunction: async () => {
			stopped = true;
		},
		manualTriggerFunction: async () => {
			const look = async (): Promise<void> => {
				if (stopped) return;
				const item = await next();
				if (item) context.emit([[{ json: item }]]);
				else setTimeout(() => void attempt(), TEST_POLL).unref();
			};
			const attempt = async () => {
				await look().catch((error: unknown) => {
					context.emitError(asError(error));
				});
			};
			await attempt();
		},
	};
}
