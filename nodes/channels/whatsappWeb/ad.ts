import { fieldsOf, idOf, textOf, type Fields } from '../fields';
import { withoutSecrets } from './values';

/**
 * The ad that led here. WhatsApp writes the same object under messages that were only forwarded from
 * some business, so it counts as an ad where it says so.
 */
export function adOf(...contexts: Array<Fields | undefined>): Fields | undefined {
	for (const context of contexts) {
		const ad = fieldsOf(context?.externalAdReply);
		if (!ad) continue;
		const isAd =
			textOf(ad.sourceType)?.toLowerCase() === 'ad' ||
			idOf(ad.ctwaClid) !== undefined ||
			idOf(ad.sourceId) !== undefined ||
			idOf(ad.sourceID) !== undefined;
		if (isAd) return fieldsOf(withoutSecrets(ad));
	}
	return undefined;
}

/** The ID of the message that is quoted. */
export function quotedIdOf(...contexts: Array<Fields | undefined>): string | undefined {
	for (const context of contexts) {
		const id = idOf(context?.stanzaId) ?? idOf(context?.stanzaID);
		if (id !== undefined) return id;
	}
	return undefined;
}
