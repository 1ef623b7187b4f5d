import type { OptOutReason } from '../channel';
import type { ChannelFailure } from '../errors';

/** What an error code of the Graph API means for an operator. */
export interface GraphMeaning {
	failure: ChannelFailure;
	/** What happened. */
	message: string;
	/** What to do about it. */
	hint: string;
	/** Meta's own words name a parameter or a file, and nothing that a customer wrote. */
	words?: true;
	/** With `optedOut`: what the contact wants none of, where it is not all messages. */
	optOut?: OptOutReason;
}

type Told = [message: string, hint: string, words?: 'words'];

const means =
	(failure: ChannelFailure) =>
	(...[message, hint, words]: Told): GraphMeaning => ({
		failure,
		message,
		hint,
		...(words ? { words: true as const } : {}),
	});

const rejected = means('rejected');
const unauthorized = means('unauthorized');
const rateLimited = means('rateLimited');
const notFound = means('notFound');
const unavailable = means('unavailable');
const optedOut = means('optedOut');
const windowClosed = means('windowClosed');

const TOKEN = unauthorized(
	'Meta does not accept the access token',
	'Enter a new access token in the credential. Take one that does not end by itself, see the documentation of the channel.',
);

export const PERMISSION = unauthorized(
	'The access token may not do this',
	'Give the token access to this account and the permissions that the documentation of the channel names, then enter a new token in the credential.',
);

const TOO_MANY = rateLimited(
	'Meta takes no more calls for the moment',
	'Try again later, and send fewer messages at once.',
);

export const FAULT = unavailable(
	'Meta has a fault at the moment',
	'Try again later. Meta tells its faults at https://metastatus.com.',
);

const WINDOW_OF_MESSENGER = windowClosed(
	'The time in which this contact may be answered is over',
	'Wait until the contact writes again.',
);

const NOT_RECEIVING = optedOut(
	'The contact does not receive messages from this account',
	'The contact may have blocked it or closed the chat. Wait until the contact writes again.',
);

const TEMPLATE_VALUES = rejected(
	'The values do not fit the placeholders of the template',
	'Give as many values as the template has placeholders, by name where the template names them, and in the form that it was approved with.',
	'words',
);

const MISSING_TEMPLATE = notFound(
	'There is no approved template of this name in this language',
	'Look in WhatsApp Manager under Message templates: name, language (such as en or en_US) and whether it was approved.',
);

const RESTRICTED = rejected(
	'Meta has restricted this account',
	'Open Business Support Home at Meta: it says why, and how to have it lifted.',
);

const NUMBER_NOT_READY = rejected(
	'The business number is not ready to send',
	'Open WhatsApp Manager: register the number, and look whether its display name was approved and whether it was moved or verified again.',
);

/**
 * By code, or by code and subcode where the subcode tells more.
 *
 * Graph API, "Handle errors"; WhatsApp Business Platform, "Error codes" (May 2026); Messenger
 * Platform, "Common error codes" (March 2026).
 */
export const GRAPH_MEANINGS: Readonly<Record<string, GraphMeaning>> = {
	'0': TOKEN,
	'102': TOKEN,
	'104': TOKEN,
	'190': TOKEN,
	'3': PERMISSION,
	'10': PERMISSION,
	'131005': PERMISSION,

	'4': TOO_MANY,
	'17': TOO_MANY,
	'32': TOO_MANY,
	'341': TOO_MANY,
	'613': TOO_MANY,
	'80006': TOO_MANY,
	'80007': TOO_MANY,
	'130429': TOO_MANY,
	'131048': rateLimited(
		'WhatsApp holds messages of this number back, since many of its messages were blocked or reported',
		'Look at the quality of the number in WhatsApp Manager, and send less until it recovers.',
	),
	'131056': rateLimited(
		'Too many messages were sent to this contact in a short time',
		'Wait some seconds before the next message to the same contact.',
	),

	'1': FAULT,
	'2': FAULT,
	'1200': FAULT,
	'131000': FAULT,
	'131016': FAULT,
	'133004': FAULT,
	'131057': unavailable(
		'The WhatsApp Business Account is in maintenance at Meta',
		'Try again in some minutes.',
	),

	'131047': windowClosed(
		'More than 24 hours have passed since the contact wrote',
		'Send an approved template, or wait until the contact writes again.',
	),
	'10.2018278': WINDOW_OF_MESSENGER,
	'10.2018065': WINDOW_OF_MESSENGER,
	'10.2534022': WINDOW_OF_MESSENGER,

	'131050': {
		...optedOut(
			'The contact has stopped marketing messages of this business in WhatsApp',
			'Send no marketing template to this contact until the contact allows it again.',
		),
		optOut: 'marketing',
	},
	'551': NOT_RECEIVING,
	'10.2018108': NOT_RECEIVING,
	'200.2018108': NOT_RECEIVING,

	'33': notFound(
		'Meta does not know this number or account any more',
		'Look in the credential whether the ID is right, and at Meta whether the number was deleted.',
	),
	'100.33': notFound(
		'Meta does not know this number or account, or the access token may not see it',
		'Look in the credential whether the ID is right, and whether the token belongs to this business.',
	),
	'100.2018001': notFound(
		'Meta does not know this contact on this account',
		'An ID of a contact is valid only for the page or account that the contact wrote to.',
	),
	'131026': notFound(
		'WhatsApp could not deliver the message to this contact',
		'The number may not be on WhatsApp, its app may be too old, or the contact has not accepted the terms of WhatsApp. Reach the contact another way.',
	),
	'131030': notFound(
		'The contact is not on the list of allowed recipients of this test number',
		'Add the phone number in the Meta app dashboard under WhatsApp, API Setup, or send from a real number.',
	),

	'100': rejected(
		'Meta does not take this message or one of its values',
		'Correct what Meta names, then send it again.',
		'words',
	),
	'131008': rejected(
		'A value that Meta asks for is missing',
		'Add what Meta names, then send it again.',
		'words',
	),
	'131009': rejected(
		'Meta does not take one of the values',
		'Correct what Meta names, then send it again.',
		'words',
	),
	'131021': rejected(
		'The recipient is the number that the message would be sent from',
		'Choose another recipient or another sending number.',
	),
	'131051': rejected(
		'WhatsApp does not take this kind of message',
		'Send another kind of message.',
	),
	'131052': rejected(
		'Meta could not fetch the file',
		'Send the file again, or upload it instead of giving an address.',
		'words',
	),
	'131053': rejected(
		'Meta does not take the file',
		'Look at its kind and size, and whether its address can be opened by everybody.',
		'words',
	),
	'131049': rejected(
		'WhatsApp did not deliver the message, to spare this contact too many marketing messages',
		'Do not send it again at once; wait at least a day, or write when the contact has written.',
	),
	'130472': rejected(
		'WhatsApp did not deliver the message, since the contact is part of an experiment of Meta',
		'Reach the contact another way, or wait until the contact writes.',
	),
	'130497': rejected(
		'This account may not write to contacts in that country',
		'Look in the messaging policy of WhatsApp which countries your line of business may write to.',
	),
	'131042': rejected(
		'Meta has no valid way of payment for this WhatsApp Business Account',
		'Open the billing settings of the account at Meta and correct the way of payment.',
	),
	'368': RESTRICTED,
	'131031': RESTRICTED,
	'131037': NUMBER_NOT_READY,
	'131045': NUMBER_NOT_READY,
	'133010': NUMBER_NOT_READY,

	'132000': TEMPLATE_VALUES,
	'132012': TEMPLATE_VALUES,
	'132018': TEMPLATE_VALUES,
	'132001': MISSING_TEMPLATE,
	'132005': rejected(
		'The template is too long with these values',
		'Shorten the values, or have the template approved with less text.',
	),
	'132007': rejected(
		'The template breaks a rule of WhatsApp',
		'Look in WhatsApp Manager why it was refused, and have a corrected one approved.',
	),
	'132015': rejected(
		'WhatsApp has paused the template because of its quality',
		'Edit the template and have it approved again, or send another one.',
	),
	'132016': rejected(
		'WhatsApp has disabled the template for good because of its quality',
		'Make a new template with other content.',
	),
};
