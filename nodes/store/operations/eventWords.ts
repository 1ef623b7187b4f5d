import type { EventNames, RecordedEvent } from '../../decisions/eventParts';
import { describeEvent } from '../../decisions/eventWords';
import { realWorkspaceOf, type Operation } from '../operation';

/** Each of these events in plain words, with the names that agents and teams have now. */
export async function wordsOf(operation: Operation, events: RecordedEvent[]): Promise<string[]> {
	const names = await namesFor(operation, events);
	return events.map((event) => describeEvent(event, names));
}

/** Names of the agents and teams that events tell of: one query for each. */
async function namesFor(operation: Operation, events: RecordedEvent[]): Promise<EventNames> {
	const keysOf = (...fields: string[]) => [
		...new Set(
			events.flatMap(({ data }) =>
				fields.flatMap((field) => (typeof data[field] === 'string' ? data[field] : [])),
			),
		),
	];
	const actors = events.flatMap(({ actor }) => actor ?? []);
	const agents = await names(operation, 'agents', [...new Set([...keysOf('agent'), ...actors])]);
	const teams = await names(operation, 'teams', keysOf('team', 'to'));
	return { agent: (key) => agents.get(key) ?? key, team: (key) => teams.get(key) ?? key };
}

async function names(
	operation: Operation,
	table: 'agents' | 'teams',
	keys: string[],
): Promise<Map<string, string>> {
	if (keys.length === 0) return new Map();
	const rows = await operation.tx
		.selectFrom(table)
		.select(['key', 'name'])
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('key', 'in', keys)
		.execute();
	return new Map(rows.map(({ key, name }) => [key, name]));
}
