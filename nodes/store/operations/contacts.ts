import type { Identity } from '../../channels/channel';
import type { Selectable } from '../../vendor';
import { locked, type Operation } from '../operation';
import type { ContactTable } from '../schema';
import { parseJson } from '../json';
import { isoTime, type FieldValue } from '../views';

export type ContactRow = Selectable<ContactTable>;

/** What a channel or an item says about who writes. */
export interface ContactInput {
	identities: Identity[];
	name?: string | undefined;
	phone?: string | undefined;
	email?: string | undefined;
	language?: string | undefined;
	country?: string | undefined;
}

/** Longer than these says nothing true; characters. */
const LONGEST = { name: 1000, phone: 100, email: 500, language: 50, country: 10 };

/**
 * What a stranger's profile says is shortened or left out where it is absurd, never refused: the
 * message that comes with it counts.
 */
function usable(input: ContactInput): ContactInput {
	const fit: ContactInput = { identities: input.identities };
	for (const name of ['name', 'phone', 'email', 'language', 'country'] as const) {
		const value = input[name];
		if (value === undefined) continue;
		if (value.length <= LONGEST[name]) fit[name] = value;
		else if (name === 'name') fit.name = value.slice(0, LONGEST.name);
	}
	return fit;
}

/**
 * The contact of these identities, locked; created when none of them is known. New identities are
 * joined to it. Where identities point to different contacts, the phone decides and nothing is
 * merged: merging is a person's decision.
 */
export async function findOrCreateContact(
	operation: Operation,
	said: ContactInput,
	source: string,
): Promise<ContactRow> {
	const input = usable(said);
	// A second round is only needed when another process created the contact in between.
	for (let round = 0; round < 3; round++) {
		const contact = await findByIdentities(operation, input.identities);
		if (contact) return await touch(operation, contact, input, source);
		const created = await create(operation, input, source);
		if (created) return created;
	}
	throw new Error('The contact could not be created');
}

export async function findByIdentities(
	operation: Operation,
	identities: Identity[],
): Promise<ContactRow | undefined> {
	const found: Array<{ channel: string; contact: string }> = [];
	for (const identity of identities) {
		const row = await operation.tx
			.selectFrom('identities')
			.select('contact_key')
			.where('workspace', '=', operation.workspace)
			.where('channel', '=', identity.channel)
			.where('account', '=', identity.account)
			.where('external_id', '=', identity.id)
			.executeTakeFirst();
		if (row) found.push({ channel: identity.channel, contact: row.contact_key });
	}
	const chosen = found.find(({ channel }) => channel === 'phone') ?? found[0];
	return chosen && (await lockContact(operation, chosen.contact));
}

export async function lockContact(
	operation: Operation,
	key: string,
): Promise<ContactRow | undefined> {
	return await locked(
		operation,
		operation.tx.selectFrom('contacts').selectAll().where('key', '=', key),
	).executeTakeFirst();
}

async function create(
	operation: Operation,
	input: ContactInput,
	source: string,
): Promise<ContactRow | undefined> {
	const key = operation.newId();
	const fields: Record<string, FieldValue> = {};
	const at = isoTime(operation.now);
	for (const name of ['name', 'phone', 'email', 'language', 'country'] as const) {
		const value = input[name];
		if (value) fields[name] = { value, source, at };
	}
	const row: ContactRow = {
		key,
		workspace: operation.workspace,
		name: input.name ?? null,
		phone: input.phone ?? null,
		email: input.email ?? null,
		language: input.language ?? null,
		country: input.country ?? null,
		timezone: null,
		tags: '[]',
		fields: JSON.stringify(fields),
		last_assignee: null,
		last_team: null,
		last_category: null,
		conversation_count: 0,
		first_seen_at: operation.now,
		last_seen_at: operation.now,
		blocked_at: null,
		blocked_messages: 0,
		erased_at: null,
	};
	await operation.tx.insertInto('contacts').values(row).execute();
	const joined = await join(operation, key, input.identities);
	if (joined > 0 || input.identities.length === 0) return row;
	await operation.tx.deleteFrom('contacts').where('key', '=', key).execute();
	return undefined;
}

/** Joins identities that belong to nobody yet; the number of those that were new. */
async function join(operation: Operation, key: string, identities: Identity[]): Promise<number> {
	let joined = 0;
	// In one order, so that two messages of a new customer do not wait for each other.
	for (const identity of [...identities].sort(byName)) {
		const { numInsertedOrUpdatedRows } = await operation.tx
			.insertInto('identities')
			.values({
				workspace: operation.workspace,
				channel: identity.channel,
				account: identity.account,
				external_id: identity.id,
				contact_key: key,
				created_at: operation.now,
			})
			.onConflict((conflict) => conflict.doNothing())
			.executeTakeFirstOrThrow();
		joined += Number(numInsertedOrUpdatedRows ?? 0);
	}
	return joined;
}

function byName(a: Identity, b: Identity): number {
	const [left, right] = [a, b].map(({ channel, account, id }) => `${channel}\n${account}\n${id}`);
	return left! < right! ? -1 : 1;
}

/** Seen again: fills what was empty; a name the customer changed on the channel follows the channel. */
async function touch(
	operation: Operation,
	contact: ContactRow,
	input: ContactInput,
	source: string,
): Promise<ContactRow> {
	await join(operation, contact.key, input.identities);
	const fields = parseJson<Record<string, FieldValue>>(contact.fields, {});
	const changed: Partial<ContactRow> = { last_seen_at: operation.now };
	for (const name of ['name', 'phone', 'email', 'language', 'country'] as const) {
		const value = input[name];
		const known = contact[name];
		if (!value || value === known) continue;
		const follows = name === 'name' && fields.name?.source === source;
		if (known !== null && !follows) continue;
		changed[name] = value;
		fields[name] = { value, source, at: isoTime(operation.now) };
		changed.fields = JSON.stringify(fields);
	}
	await operation.tx.updateTable('contacts').set(changed).where('key', '=', contact.key).execute();
	return { ...contact, ...changed };
}
