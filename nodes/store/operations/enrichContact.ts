import { contactNotFound } from '../errors';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import type { Operation } from '../operation';
import { contactView, isoTime, STANDARD_FIELDS, type ContactView, type FieldValue } from '../views';
import { lockContact, type ContactRow } from './contacts';

export type WriteMode = 'keep' | 'overwrite' | 'fillIfEmpty';

export interface FieldWrite {
	/** A contact's own column (name, phone, email, language, country, timezone) or a custom field. */
	field: string;
	value: unknown;
	source: string;
	mode: Exclude<WriteMode, 'keep'>;
}

export interface EnrichContactInput {
	contactKey: string;
	conversationId: string | null;
	writes: FieldWrite[];
	addTags: string[];
	source: string;
	actor?: string;
}

export interface EnrichContactResult {
	contact: ContactView;
	/** Fields that were written; the others had a value that was to stay. */
	written: string[];
}

/** Saves what was learned about a contact, each field with where it came from and when. */
export async function enrichContact(
	operation: Operation,
	input: EnrichContactInput,
): Promise<EnrichContactResult> {
	const contact = await lockContact(operation, input.contactKey);
	// Nor does a flow that was under way write back what an erasure has removed.
	if (!contact || contact.workspace !== operation.workspace || contact.erased_at !== null) {
		throw contactNotFound(input.contactKey);
	}
	const ordinal = input.conversationId
		? await ordinalOf(operation, input.conversationId)
		: undefined;
	const fields = parseJson<Record<string, FieldValue>>(contact.fields, {});
	const changes: Partial<ContactRow> = {};
	const written: string[] = [];
	for (const write of input.writes) {
		const standard = STANDARD_FIELDS.find((name) => name === write.field);
		const known = standard ? contact[standard] : fields[write.field]?.value;
		const empty = known === null || known === undefined || known === '';
		if (write.mode === 'fillIfEmpty' && !empty) continue;
		if (known !== undefined && JSON.stringify(known) === JSON.stringify(write.value)) continue;
		if (standard) changes[standard] = write.value === null ? null : String(write.value);
		fields[write.field] = {
			value: write.value,
			source: write.source,
			at: isoTime(operation.now),
		};
		written.push(write.field);
	}
	const tags = parseJson<string[]>(contact.tags, []);
	const added = input.addTags.filter((tag) => tag !== '' && !tags.includes(tag));
	if (written.length === 0 && added.length === 0) {
		return { contact: contactView(contact, ordinal), written };
	}
	changes.fields = JSON.stringify(fields);
	changes.tags = JSON.stringify([...tags, ...new Set(added)]);
	await operation.tx.updateTable('contacts').set(changes).where('key', '=', contact.key).execute();
	await recordEvent(operation, {
		type: 'enriched',
		conversationId: input.conversationId,
		contactKey: contact.key,
		source: input.source,
		actor: input.actor ?? null,
		data: { fields: written, tags: added },
	});
	return { contact: contactView({ ...contact, ...changes }, ordinal), written };
}

async function ordinalOf(operation: Operation, conversationId: string) {
	const row = await operation.tx
		.selectFrom('conversations')
		.select('ordinal')
		.where('id', '=', conversationId)
		.executeTakeFirst();
	return row?.ordinal;
}
