import type { ChannelNotice, ChannelSettings, InboundMessage } from '../channel';
import { present, textOf } from '../fields';
import { accountOf, addressOf, contactOf } from './address';
import { wishOf } from './consent';
import { contentOf } from './content';
import { firstIdOf, objectOf, valueOf, withoutPassword, wordsOf, type Form } from './form';

/** A message and what it tells besides, or a sentence why it is none. */
export type Outcome = { message: InboundMessage; notices: ChannelNotice[] } | { malformed: string };

/** Reads what a customer sent to one of the numbers. */
export function readMessage(
	form: Form,
	id: string,
	settings: ChannelSettings,
	now: number,
): Outcome {
	const accountSid = firstIdOf(form, 'AccountSid') ?? textOf(settings.accountSid);
	const account = accountOf(accountSid, addressOf(valueOf(form, 'To')));
	if (account === undefined) {
		return { malformed: 'came without AccountSid or To, so it belongs to no number' };
	}
	const contact = contactOf(form, account);
	if (!contact) return { malformed: 'has no From that can be used, so it belongs to nobody' };

	const referral = referralOf(form);
	const wished = wishOf(form);
	// What Twilio has answered by itself is no reason for anybody to work on it.
	const isSettled = wished !== undefined && (wished.wish === 'stop' || wished.isHandled);
	const message: InboundMessage = present({
		kind: 'message',
		channel: 'twilio',
		account,
		id,
		source: referral ? 'ctc_ads' : 'contact',
		contact,
		...contentOf(form, settings.decodeBase64 === true),
		// Twilio does not say when it was sent.
		sentAt: now,
		neverOpens: isSettled ? true : undefined,
		replyToMessageId: firstIdOf(form, 'OriginalRepliedMessageSid'),
		referral,
		raw: objectOf(form),
	});
	const notices: ChannelNotice[] = [];
	if (wished?.wish === 'stop' || wished?.wish === 'start') {
		notices.push({
			kind: wished.wish === 'stop' ? 'optOut' : 'optIn',
			channel: 'twilio',
			account,
			identities: contact.identities,
			reason: 'stop',
			at: now,
		});
	}
	return { message, notices };
}

/** Any of these says that an ad or a post led here; `ReferralNumMedia=0` comes with every message. */
const REFERRAL_SIGNS = [
	'ReferralCtwaClid',
	'ReferralSourceId',
	'ReferralSourceUrl',
	'ReferralHeadline',
	'ReferralBody',
];

/** The parameters about the ad, under Twilio's names. */
function referralOf(form: Form): Record<string, unknown> | undefined {
	if (!REFERRAL_SIGNS.some((key) => wordsOf(form, key) !== undefined)) return undefined;
	return Object.fromEntries(
		[...form.keys()].flatMap((key) => {
			const value = key.startsWith('Referral') ? wordsOf(form, key) : undefined;
			return value === undefined ? [] : [[key, withoutPassword(value)]];
		}),
	);
}
