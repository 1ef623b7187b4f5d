import { hoursState } from '../../decisions/businessHours';
import type { LastTeam, RoutingTeam } from '../../decisions/contracts';
import type { Operation } from '../operation';
import type { ConversationItem } from '../views';
import type { ConversationRow } from './conversations';
import { getConversation } from './find';
import { countStaff } from './staff';
import { routedTeams, type RoutedTeam } from './teams';

export interface RoutingFactsInput {
	conversationId: string;
	/** Keys of the teams that the rules name. Teams that they overflow to are added. */
	teams: string[];
	/** Whether to see who is online. */
	online: boolean;
	/** Whether to look for the contact's last team. */
	lastTeam: boolean;
}

export interface RoutingFactsResult {
	item: ConversationItem;
	/** Those of the teams that exist. */
	teams: Record<string, RoutingTeam>;
	lastTeam: LastTeam | null;
}

/**
 * What routing looks at, at one moment.
 *
 * @throws StoreError `ConversationNotFound`
 */
export async function routingFacts(
	operation: Operation,
	input: RoutingFactsInput,
): Promise<RoutingFactsResult> {
	const item = await getConversation(operation, { conversationId: input.conversationId });
	const lastTeam = input.lastTeam ? await lastTeamBefore(operation, item) : null;
	const keys = lastTeam === null ? input.teams : [...input.teams, lastTeam.key];
	return { item, lastTeam, teams: await routingTeams(operation, keys, input.online) };
}

const lastTeamBefore = async (operation: Operation, { conversation, contact }: ConversationItem) =>
	await lastTeamOf(operation, {
		id: conversation.id,
		contact_key: contact.key,
		opened_at: Date.parse(conversation.openedAt),
	});

/** The team of the contact's last conversation before this one that had a team, and when it closed. */
export async function lastTeamOf(
	operation: Operation,
	{ id, contact_key, opened_at }: Pick<ConversationRow, 'id' | 'contact_key' | 'opened_at'>,
): Promise<LastTeam | null> {
	const row = await operation.tx
		.selectFrom('conversations')
		.select(['team_key', 'closed_at'])
		.where('contact_key', '=', contact_key)
		.where('opened_at', '<=', opened_at)
		.where('id', '<>', id)
		.where('closed_at', 'is not', null)
		.where('merged_into', 'is', null)
		.where('team_key', 'is not', null)
		.orderBy('opened_at', 'desc')
		.limit(1)
		.executeTakeFirst();
	return row?.team_key ? { key: row.team_key, endedAt: Number(row.closed_at) } : null;
}

/** Teams by key as routing sees them now, with all that they overflow to. */
export async function routingTeams(
	operation: Operation,
	keys: string[],
	online: boolean,
): Promise<Record<string, RoutingTeam>> {
	const rows = await teamsWithOverflow(operation, keys);
	const staff = online && rows.length > 0 ? await countStaff(operation, rows.map(keyOf)) : null;
	return Object.fromEntries(
		rows.map(({ key, name, hours, overflowTeam }) => [
			key,
			{
				name,
				hours: hoursState(hours, operation.now),
				online: staff && (staff.get(key)?.online ?? 0) > 0,
				overflowTeam,
			},
		]),
	);
}

const keyOf = ({ key }: { key: string }) => key;

/** A statement for each step of the longest chain; most often there is one. */
async function teamsWithOverflow(operation: Operation, keys: string[]): Promise<RoutedTeam[]> {
	const found: RoutedTeam[] = [];
	const asked = new Set<string>();
	for (let next = [...new Set(keys)]; next.length > 0;) {
		for (const key of next) asked.add(key);
		const teams = await routedTeams(operation, next);
		found.push(...teams);
		const over = teams.flatMap(({ overflowTeam }) => overflowTeam ?? []);
		next = [...new Set(over)].filter((key) => !asked.has(key));
	}
	return found;
}
