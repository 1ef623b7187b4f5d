import type { ConversationStore } from '../store/store';
import type { ContactView, ConversationItem, ConversationView } from '../store/views';
import type { Access } from './access';
import { askSources, type SourceOutcome } from './enrich';
import type { EnrichSettings } from './settings';
import { sourceOptions } from './sourceOptions';
import { intentToSave, savedOf, writesOf, type SavedField } from './writes';

/** The item's `enrichment`. */
export interface Enrichment {
	/** What became of each source; `input` holds the fields that came with the item. */
	sources: Record<string, SourceOutcome>;
	/** Fields that were written, with where each comes from. */
	saved: SavedField[];
	/** Tags that the contact did not have before. */
	addedTags: string[];
}

export interface EnrichedItem {
	conversation: ConversationView;
	contact: ContactView;
	enrichment: Enrichment;
	/** For the output panel: which sources failed, and why. */
	failures: string[];
}

/** Asks the sources about one conversation, and saves what was learned. */
export async function enrichItem(
	known: ConversationItem,
	{ sources, of, modes, assignments, addTags }: EnrichSettings,
	store: ConversationStore,
	access: Access,
	stopped?: AbortSignal,
): Promise<EnrichedItem> {
	const asked = { item: known, settings: of, access, now: store.clock, stopped };
	const { outcomes, findings } = await askSources(sources, asked);
	const writes = writesOf(findings, assignments, modes);
	const before = known.conversation.intent;
	const saved = intentToSave(findings, before, modes);
	const result = await store.enrichContact({
		contactKey: known.contact.key,
		conversationId: known.conversation.id,
		writes,
		addTags: [...addTags, ...findings.flatMap(([, { tags }]) => tags ?? [])],
		...(saved ? { intent: saved.intent } : {}),
		source: 'workflow',
	});
	const { intent = before, contact, addedTags } = result;
	return {
		conversation: { ...known.conversation, intent },
		contact,
		enrichment: {
			sources: { ...outcomes, ...inputOf(assignments) },
			saved: savedOf(writes, result, { before, saved }),
			addedTags,
		},
		failures: failuresOf(outcomes),
	};
}

function inputOf(assignments: EnrichSettings['assignments']): Record<string, SourceOutcome> {
	if (assignments.length === 0) return {};
	const found = Object.fromEntries(assignments.map(({ name, value }) => [name, value]));
	return { input: { outcome: 'found', durationMs: 0, found } };
}

/** How a source is called in the editor. */
const labelOf = (source: string) =>
	sourceOptions.find(({ value }) => value === source)?.name ?? source;

function failuresOf(outcomes: Record<string, SourceOutcome>): string[] {
	return Object.entries(outcomes).flatMap(([name, { outcome, reason }]) =>
		outcome === 'failed' || outcome === 'timedOut' ? [`${labelOf(name)}: ${reason}`] : [],
	);
}
