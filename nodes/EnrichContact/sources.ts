import { detectLanguage } from '../enrichment/language';
import { describePhone } from '../enrichment/phone';
import type { ContactView, ConversationItem, ConversationView } from '../store/views';

/** What a source found: for the output, and what of it may be saved with the contact. */
export interface Found {
	output: Record<string, unknown> | null;
	save: Record<string, string>;
}

export interface SourceSettings {
	defaultCountry: string;
	leastConfidence: number;
}

export type Source = (item: ConversationItem, settings: SourceSettings) => Promise<Found> | Found;

const nothing: Found = { output: null, save: {} };

/** Sources know nothing of each other; a new one is one function and one option. */
export const sources: Record<string, Source> = {
	history: ({ contact, conversation }) => ({ output: historyOf(contact, conversation), save: {} }),

	phone: ({ contact }, { defaultCountry }) => {
		if (contact.phone === null) return nothing;
		const phone = describePhone(contact.phone, defaultCountry || contact.country || undefined);
		if (phone === null) return nothing;
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
		if (detected === null) return nothing;
		const sure = detected.confidence >= leastConfidence;
		return { output: { ...detected }, save: sure ? { language: detected.language } : {} };
	},
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
