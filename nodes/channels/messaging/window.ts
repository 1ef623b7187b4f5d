import type { Fields } from '../fields';
import type { ReplyWindow } from '../sending';
import type { Product } from './product';

export const HOUR = 60 * 60 * 1000;

/**
 * Messenger Platform, "Policy overview": an ordinary answer within 24 hours of the contact's last
 * message; with the feature Human Agent, what a person writes within 7 days, marked `HUMAN_AGENT`.
 *
 * @param settings without them, what every business has
 */
export function windowOf(product: Product, settings?: Fields): ReplyWindow {
	const isLong = settings?.humanAgent === true;
	return {
		hours: isLong ? 7 * 24 : 24,
		templatesAfter: false,
		afterwards: isLong
			? 'Wait until the contact writes again.'
			: `Wait until the contact writes again. If Meta granted your app the feature Human Agent, turn on Human Agent in the ${product.channel === 'messenger' ? 'Messenger' : 'Instagram'} credential: a person may then answer for 7 days.`,
	};
}
