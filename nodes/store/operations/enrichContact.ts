import { sql } from '../../vendor';
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
	/** Why the contact writes, for the conversation; left as it is where this is undefined. */
	intent?: string | null;
	source: string;
	actor?: string;
}

export interface EnrichContactResult {
	contact: ContactView;
	/** Fields that were written; the others had a value that was to stay. */
	written: string[];
	/** Those of them that had another value before. */
	replaced: string[];
	/** Tags that the contact did not have. */
	addedTags: string[];
	/** The intent that the conversation has now; undefined where none was given. */
	intent?: string | null;
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
	const conversation = input.conversationId
		? await conversationOf(operation, input.conversationId)
		: undefined;
	const fields = parseJson<Record<string, FieldValue>>(contact.fields, {});
	const changes: Partial<ContactRow> = {};
	const written = new Set<string>();
	const replaced = new Set<string>();
	for (const write of input.writes) {
		const standard = STANDARD_FIELDS.find((name) => name === write.field);
		// A write before this one counts: the first that fills an empty field has filled it.
		const known = standard ? { ...contact, ...changes }[standard] : fields[write.field]?.value;
		const empty = known === null || known === undefined || known === '';
		if (write.mode === 'fillIfEmpty' && !empty) continue;
		if (known !== undefined && JSON.stringify(known) === JSON.stringify(write.value)) continue;
		if (standard) changes[standard] = write.value === null ? null : String(write.value);
		fields[write.field] = {
			value: write.value,
			source: write.source,
			at: isoTime(operation.now),
		};
		if (!empty && !written.has(write.field)) replaced.add(write.field);
		written.add(write.field);
	}
	const tags = parseJson<string[]>(contact.tags, []);
	const added = [...new Set(input.addTags.filter((tag) => tag !== '' && !tags.includes(tag)))];
	const { intent } = input;
	const hasNewIntent =
		conversation !== undefined && intent !== undefined && intent !== conversation.intent;
	const result = {
		written: [...written],
		replaced: [...replaced],
		addedTags: added,
		...(conversation && intent !== undefined ? { intent } : {}),
	};
	if (written.size === 0 && added.length === 0 && !hasNewIntent) {
		return { contact: contactView(contact, conversation?.ordinal), ...result };
	}
	if (written.size > 0 || added.length > 0) {
		changes.fields = JSON.stringify(fields);
		changes.tags = JSON.stringify([...tags, ...added]);
		const contacts = operation.tx.updateTable('contacts').set(changes);
		await contacts.where('key', '=', contact.key).execute();
	}
	if (hasNewIntent) {
		await operation.tx
			.updateTable('conversations')
			.set({ intent, version: sql<number>`version + 1` })
			.where('id', '=', conversation.id)
			.execute();
	}
	await recordEvent(operation, {
		type: 'enriched',
		conversationId: input.conversationId,
		contactKey: contact.key,
		source: input.source,
		actor: input.actor ?? null,
		data: { fields: result.written, tags: added, ...(hasNewIntent ? { intent } : {}) },
	});
	return { contact: contactView({ ...contact, ...changes }, conversation?.ordinal), ...result };
}

async function conversationOf(operation: Operation, id: string) {
	return await operation.tx
		.selectFrom('conversations')
		.select(['id', 'ordinal', 'intent'])
		.where('id', '=', id)
		.executeTakeFirst();
}
