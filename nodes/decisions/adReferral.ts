import type { AdFacts } from './contracts';

/**
 * Under which names channels give an ad or link: the Cloud API's `source_id`, Messenger's and
 * Instagram's `ad_id` and `ref`, Twilio's `ReferralSourceId`, WhatsApp Web's `sourceId`, Telegram's
 * `ref`, Viber's `context`. Compared without case and separators.
 */
const IDS = ['sourceid', 'adid', 'ref', 'referralsourceid', 'context'];
const WORDS = [
	...['headline', 'title', 'adtitle', 'body', 'description', 'sourceurl', 'url'],
	...['referralheadline', 'referralbody', 'referralsourceurl', 'refereruri', 'sourceapp'],
];

const LEVELS = 3;

/**
 * What rules may ask of a message's referral, whichever channel it came by; null where it tells of no
 * ad or link, as Viber's that only says that the chat was opened.
 */
export function adFacts(referral: Record<string, unknown> | undefined): AdFacts | null {
	if (!referral || Object.keys(referral).length === 0) return null;
	const ids: string[] = [];
	const words: string[] = [];
	const visit = (fields: Record<string, unknown>, level: number) => {
		for (const [key, value] of Object.entries(fields)) {
			const name = key.toLowerCase().replace(/[_-]/g, '');
			if (typeof value === 'object' && value !== null) {
				if (level < LEVELS) visit(value as Record<string, unknown>, level + 1);
			} else if (typeof value === 'string' || typeof value === 'number') {
				if (IDS.includes(name)) ids.push(String(value));
				else if (WORDS.includes(name)) words.push(String(value));
			}
		}
	};
	visit(referral, 1);
	if (ids.length === 0 && words.length === 0 && referral.source === undefined) return null;
	return { ids: [...new Set(ids)], words: words.join('\n') };
}
