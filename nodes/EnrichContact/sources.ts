import { detectLanguage } from '../enrichment/language';
import { describePhone } from '../enrichment/phone';
import type { WriteMode } from '../store/operations/enrichContact';
import type { ContactView, ConversationItem, ConversationView } from '../store/views';
import type { Access } from './access';
import { hours } from './hoursSource';
import { intent } from './intentSource';
import { lookup } from './lookupSource';
import type { SourceSettings } from './settings';

/** What a source found: for the output, and what of it may be saved. */
export interface Found {
	/** Null: nothing. */
	output: Record<string, unknown> | null;
	/** Fields of the contact. */
	save?: Record<string, unknown>;
	/** Where one of these fields has a mode of its own. */
	modes?: Record<string, WriteMode>;
	tags?: string[];
	/** For the conversation. */
	intent?: string;
	/** Why it was found this way, or why nothing was; a sentence for an operator. */
	reason?: string;
	/** There was nothing to ask with; `reason` says what is missing. */
	skipped?: true;
}

export interface SourceTools {
	/** Ends when the time of the source is over, or the execution is stopped. */
	signal: AbortSignal;
	/** What counts if the source fails from now on, or takes too long. */
	otherwise(found: Found): void;
	access: Access;
}

export type Source = (
	item: ConversationItem,
	settings: SourceSettings,
	tools: SourceTools,
) => Promise<Found> | Found;

/**
 * Sources know nothing of each other; a new one is one function and one option. Their order is that
 * of the output, and of trust: where several know the same field, the last counts.
 */
export const sources: Record<string, Source> = {
	history: ({ contact, conversation }) => ({ output: historyOf(contact, conversation) }),

	phone: ({ contact }, { defaultCountry }) => {
		if (contact.phone === null) return { output: null };
		const phone = describePhone(contact.phone, defaultCountry || contact.country || undefined);
		if (phone === null) return { output: null };
		const save: Record<string, string> = {};
		if (phone.valid) {
			save.phone = phone.e164;
			if (phone.country) save.country = phone.country;
			if (phone.timeZone) save.timezone = phone.timeZone;
		}
		return { output: { ...phone }, save };
	},

	language: ({ message }, { leastConfidence }) => {
		const detected = message ? detectLanguage(message.text) : null;
		if (detected === null) return { output: null };
		const sure = detected.confidence >= leastConfidence;
		return { output: { ...detected }, save: sure ? { language: detected.language } : {} };
	},

	intent,
	hours,
	lookup,
};

function historyOf(contact: ContactView, conversation: ConversationView) {
	return {
		isReturning: conversation.isReturning,
		previousConversations: contact.previousConversations,
		lastAssignee: contact.lastAssignee,
		lastCategory: contact.lastCategory,
		firstSeenAt: contact.firstSeenAt,
	};
}
