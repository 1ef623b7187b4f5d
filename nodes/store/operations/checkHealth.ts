import type { Engine } from '../engine';
import { readSchemaVersion, SCHEMA_VERSION } from '../migrations';
import { isTestWorkspace, type Operation } from '../operation';
import { readStoreId } from '../storeId';
import { isoTime } from '../views';
import { CLOSED } from './conversations';
import { healthOfDeliveries } from './healthOfDeliveries';
import { healthOfQueues, type QueueFigures } from './healthOfQueues';
import { counted, EXAMPLES, lasting, tallyOf, type Problem } from './problem';
import { bytesOnDisk, countWorkspace, type WorkspaceCounts } from './sizes';
import { unattended, UNATTENDED_LIMIT } from './unattended';
import { healthOfWaits } from './waits/healthOfWaits';

/** What an operator should know about the store and this workspace of it. */
export interface Health {
	/** There is no problem of severity `error`. */
	healthy: boolean;
	checkedAt: string;
	/** Errors first. */
	problems: Problem[];
	/** Queues in which somebody waits, the longest wait first. */
	queues: QueueFigures[];
	counts: WorkspaceCounts;
	store: {
		/** E.g. `SQLite 3.53.4`. */
		engine: string;
		/** The file, or the database and schema. */
		place: string;
		id: string;
		workspace: string;
		schemaVersion: number;
		/** Of the whole store, all workspaces and indexes included. */
		bytes: number;
	};
}

/** The store as its engine sees it; operations themselves know none. */
export interface StoreUnderCheck extends Pick<Engine, 'name' | 'place' | 'warnings'> {
	/** Engine and version. */
	description: string;
}

/**
 * Looks for what keeps conversations from being answered, and measures the store. Reads one moment
 * and changes nothing.
 *
 * What it looks for is found by indexes over what is open, owed or ended badly. The counts (see
 * {@link countWorkspace}) walk an index each, so they grow with the history: for a schedule of
 * minutes, not of seconds.
 */
export async function checkHealth(operation: Operation, store: StoreUnderCheck): Promise<Health> {
	const { queues, problems } = await healthOfQueues(operation);
	const schemaVersion = (await readSchemaVersion(operation.tx)) ?? 0;
	problems.push(
		...(await healthOfDeliveries(operation)),
		...(await healthOfWaits(operation)),
		...(await leftAlone(operation)),
		...(await flagged(operation)),
		...schemaDiffers(schemaVersion),
		...atRisk(store),
	);
	const errors = problems.filter(({ severity }) => severity === 'error');
	return {
		healthy: errors.length === 0,
		checkedAt: isoTime(operation.now),
		problems: [...errors, ...problems.filter(({ severity }) => severity === 'warning')],
		queues,
		counts: await countWorkspace(operation),
		store: {
			engine: store.description,
			place: store.place,
			id: await readStoreId(operation.tx),
			workspace: operation.workspace,
			schemaVersion,
			bytes: await bytesOnDisk(operation, store.name),
		},
	};
}

/** The store flags these by itself after ten minutes; one more is for whoever does it. Milliseconds. */
const UNATTENDED_AFTER = UNATTENDED_LIMIT + 60_000;

async function leftAlone(operation: Operation): Promise<Problem[]> {
	// Nobody flags test runs: the person who started one sees it.
	if (isTestWorkspace(operation.workspace)) return [];
	const { count, since, examples } = tallyOf(
		await unattended(operation, operation.now - UNATTENDED_AFTER)
			.select((eb) => [
				'id',
				eb.fn.countAll<number>().over().as('all'),
				eb.fn.min('opened_at').over().as('since'),
			])
			.limit(EXAMPLES)
			.execute(),
	);
	if (count === 0) return [];
	return [
		{
			code: 'conversationsUnattended',
			severity: 'error',
			message: `${counted(count, 'open conversation has', 'open conversations have')} no agent, queue or flag; the oldest was opened ${lasting(operation.now - since)} ago`,
			hint: 'The store flags such conversations every few seconds, and did not. Check that n8n runs a workflow with this credential, and its log for "Conversation store"',
			count,
			examples,
		},
	];
}

/** Reads the open ones, few as they are beside the closed. */
async function flagged(operation: Operation): Promise<Problem[]> {
	const open = operation.tx
		.selectFrom('conversations')
		.where('workspace', '=', operation.workspace)
		.where('status', '<>', CLOSED)
		.where('flag', 'is not', null);
	const flags = await open
		.select((eb) => ['flag', eb.fn.countAll<number>().as('n')])
		.groupBy('flag')
		.orderBy('flag')
		.execute();
	if (flags.length === 0) return [];
	const oldest = await open
		.select('id')
		.orderBy('opened_at')
		.orderBy('id')
		.limit(EXAMPLES)
		.execute();
	const count = flags.reduce((sum, { n }) => sum + Number(n), 0);
	const each = flags.map(({ flag, n }) => `${n} ${flag}`).join(', ');
	return [
		{
			code: 'conversationsFlagged',
			severity: 'warning',
			message: `${counted(count, 'open conversation waits', 'open conversations wait')} for a person to look: ${each}`,
			hint: 'Find them with Conversation Store → Conversation → Get Many, status Unassigned; then assign or close them',
			count,
			examples: oldest.map(({ id }) => id),
		},
	];
}

function schemaDiffers(found: number): Problem[] {
	if (found === SCHEMA_VERSION) return [];
	return [
		{
			code: 'schemaDiffers',
			severity: 'error',
			message: `The store has schema version ${found}, and this n8n process knows ${SCHEMA_VERSION}`,
			hint: 'Another n8n process has a newer version of the package. Update it here, too, and restart this process',
			count: 1,
			examples: [],
		},
	];
}

/** What the engine says of the place where the store is kept. */
function atRisk({ place, warnings = [] }: StoreUnderCheck): Problem[] {
	if (warnings.length === 0) return [];
	return [
		{
			code: 'storeAtRisk',
			severity: 'warning',
			message: warnings.join(' '),
			hint: 'Keep the store on a disk that lasts, and back it up with Conversation Store → Store → Back Up',
			count: warnings.length,
			examples: [place],
		},
	];
}
