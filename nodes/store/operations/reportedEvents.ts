import { sql, type Selectable } from '../../vendor';
import { idFloor } from '../ids';
import { parseJson } from '../json';
import type { Operation } from '../operation';
import type { EventTable } from '../schema';

/** Events that have an index of their own, so that reports read them alone. */
export type ReportedType = 'assigned' | 'queued' | 'availability_changed';

/** From `from` until just before `before`, in milliseconds since 1970 (UTC). */
export interface ReportPeriod {
	from: number;
	before: number;
}

export interface ReportedEvent {
	id: string;
	at: number;
	conversationId: string | null;
	source: string;
	data: Record<string, unknown>;
}

/** An ID may be made a little after the moment of its event, where the clock was set back between. */
const CLOCK_SET_BACK = 60 * 60_000;

/** Some of them, the oldest first, behind this one. Writes nothing. */
export async function reportedEvents(
	operation: Operation,
	input: ReportPeriod & { type: ReportedType; after: string | null; limit: number },
): Promise<ReportedEvent[]> {
	const { type, from, before, after, limit } = input;
	const rows = await operation.tx
		.selectFrom('events')
		.select(['id', 'at', 'conversation_id', 'source', 'data'])
		.where('workspace', '=', operation.workspace)
		// A literal, not a parameter: only so can an engine see that the index serves.
		.where('type', '=', sql.lit(type))
		.where('id', after === null ? '>=' : '>', after ?? idFloor(from))
		.where('id', '<', idFloor(before + CLOCK_SET_BACK))
		.orderBy('id')
		.limit(limit)
		.execute();
	return rows.map(read);
}

const read = (
	row: Pick<Selectable<EventTable>, 'id' | 'at' | 'conversation_id' | 'source' | 'data'>,
): ReportedEvent => ({
	id: row.id,
	at: Number(row.at),
	conversationId: row.conversation_id,
	source: row.source,
	data: parseJson<Record<string, unknown>>(row.data, {}),
});
