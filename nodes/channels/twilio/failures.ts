import type { OptOutReason } from '../channel';
import { ChannelError, type ChannelFailure } from '../errors';
import { fieldsOf, idOf, textOf } from '../fields';
import type { HttpAnswer } from '../http';

/** What an error code of Twilio means for a message, by its "Error and warning dictionary". */
export interface Meaning {
	failure: ChannelFailure;
	message: string;
	hint: string;
	optedOut?: OptOutReason;
}

const CREDENTIAL: Meaning = {
	failure: 'unauthorized',
	message: 'Twilio does not accept the credential',
	hint: 'Check Account SID and Auth Token (the first one, if there are several) or API Key SID and Secret, and that the account is active',
};

const PATIENCE: Meaning = {
	failure: 'rateLimited',
	message: 'Twilio takes no more messages from this sender at the moment',
	hint: 'Send it again later, or ask Twilio for a higher throughput',
};

const SENDER: Meaning = {
	failure: 'rejected',
	message: 'Twilio does not send from this number',
	hint: 'Check in the Twilio Console that the sender belongs to this account, may send messages, and serves the country of the recipient',
};

const SERVICE: Meaning = {
	failure: 'rejected',
	message: 'The Messaging Service does not have this number',
	hint: 'Add the number to the sender pool of the Messaging Service in the Twilio Console',
};

const NOT_REACHED: Meaning = {
	failure: 'notFound',
	message: "No message can reach the recipient's number",
	hint: 'Check the number; it must be one of a mobile phone that is in service',
};

const NOT_ON_CHANNEL: Meaning = {
	failure: 'notFound',
	message: 'The recipient is not known on this channel',
	hint: 'Check the number. In the WhatsApp Sandbox the recipient has to join first',
};

const CONTENT: Meaning = {
	failure: 'rejected',
	message: 'The channel does not take this content',
	hint: 'Check the length of the text and the kind of the file; WhatsApp takes fewer kinds than MMS',
};

const FILE: Meaning = {
	failure: 'rejected',
	message: 'Twilio could not use the file',
	hint: "The address must be public, answer with the file's own content type, and the file must keep the size limits",
};

const TEMPLATE: Meaning = {
	failure: 'rejected',
	message: 'Twilio could not use the template',
	hint: 'Check its Content SID (HX…) and that every placeholder has a value; for WhatsApp it must be approved',
};

const FILTERED: Meaning = {
	failure: 'rejected',
	message: 'The carrier or Twilio filtered the message',
	hint: 'Look the message up in the Twilio Console under Monitor, Logs, Messaging, and change what was filtered',
};

const REGISTRATION: Meaning = {
	failure: 'rejected',
	message: 'The number is not registered for messages to this country',
	hint: 'Finish the registration of the sender in the Twilio Console (A2P 10DLC, toll-free verification or regulatory bundle)',
};

const CHANNEL_FAULT: Meaning = {
	failure: 'unavailable',
	message: 'The network behind Twilio has a fault',
	hint: 'Send it again later',
};

const MEANINGS: Record<string, Meaning | undefined> = {
	20003: CREDENTIAL,
	20005: CREDENTIAL,
	20006: CREDENTIAL,
	20008: {
		...CREDENTIAL,
		hint: 'Test credentials cannot do this: enter the live Account SID and Auth Token',
	},
	20403: CREDENTIAL,
	20404: {
		failure: 'notFound',
		message: 'Twilio does not know the account',
		hint: 'Check Account SID; an API key only works for the account that it belongs to',
	},
	20429: PATIENCE,
	14107: PATIENCE,
	21611: PATIENCE,
	30001: PATIENCE,
	63018: PATIENCE,
	21211: {
		failure: 'notFound',
		message: "The recipient's number is not a phone number",
		hint: 'Check the number: a plus, the country code and the rest, without spaces',
	},
	21214: NOT_REACHED,
	21217: NOT_REACHED,
	21614: NOT_REACHED,
	30003: NOT_REACHED,
	30005: NOT_REACHED,
	30006: NOT_REACHED,
	63003: NOT_ON_CHANNEL,
	63015: NOT_ON_CHANNEL,
	63024: NOT_ON_CHANNEL,
	21408: {
		failure: 'unauthorized',
		message: 'The account may not send messages to this country',
		hint: 'Allow the country in the Twilio Console under Messaging, Settings, Geo permissions',
	},
	21608: {
		failure: 'unauthorized',
		message: 'A trial account sends to verified numbers only',
		hint: "Verify the recipient's number in the Twilio Console, or upgrade the account",
	},
	21610: {
		failure: 'optedOut',
		message: 'The recipient has written STOP and gets no messages from this sender',
		hint: 'Only the recipient can change this, by writing START to the same number',
		optedOut: 'stop',
	},
	63014: {
		failure: 'optedOut',
		message: 'The recipient has blocked this sender',
		hint: 'Only the recipient can change this',
		optedOut: 'blocked',
	},
	21212: SENDER,
	21601: SENDER,
	21603: SENDER,
	21606: SENDER,
	21612: SENDER,
	21659: SENDER,
	21660: SENDER,
	63002: SENDER,
	63007: SENDER,
	21703: SERVICE,
	21704: SERVICE,
	21711: SERVICE,
	21602: CONTENT,
	21605: CONTENT,
	21617: CONTENT,
	21619: CONTENT,
	21658: CONTENT,
	63005: CONTENT,
	63021: CONTENT,
	11751: FILE,
	12300: FILE,
	21620: FILE,
	21623: FILE,
	63019: FILE,
	63034: FILE,
	21654: TEMPLATE,
	21655: TEMPLATE,
	21656: TEMPLATE,
	63027: TEMPLATE,
	63028: TEMPLATE,
	63016: {
		failure: 'windowClosed',
		message: "More than 24 hours have passed since the contact's last WhatsApp message",
		hint: 'Send an approved template, or wait until the contact writes',
	},
	30004: FILTERED,
	30007: FILTERED,
	63013: FILTERED,
	30032: REGISTRATION,
	30034: REGISTRATION,
	30035: REGISTRATION,
	30002: { ...CREDENTIAL, message: 'The Twilio account is suspended' },
	30008: CHANNEL_FAULT,
	63010: CHANNEL_FAULT,
};

/** @param code as Twilio writes it: a number, or the same as a text */
export function meaningOf(code: unknown): Meaning | undefined {
	const key = idOf(code) ?? '';
	return Object.hasOwn(MEANINGS, key) ? MEANINGS[key] : undefined;
}

/** A sentence of Twilio without the phone numbers in it, and not longer than a log wants. */
export function withoutNumbers(sentence: unknown): string | undefined {
	return textOf(sentence)
		?.replace(/\+?\d[\d\s().-]{5,}\d/g, '…')
		.slice(0, 200);
}

/**
 * The error of an answer: `{"code", "message", "more_info", "status"}`. Without a known code the
 * HTTP status decides.
 */
export function failureOf(answer: HttpAnswer): ChannelError {
	const body = fieldsOf(answer.body);
	return errorOf(body?.code, meaningOf(body?.code) ?? unknown(answer.status, body?.message));
}

/** What became of a message that Twilio took and gave up in the same answer. */
export function failureOfCode(code: unknown, sentence: unknown): ChannelError {
	return errorOf(code, meaningOf(code) ?? unknown(400, sentence));
}

function errorOf(code: unknown, { failure, message, hint, optedOut }: Meaning): ChannelError {
	const providerCode = idOf(code);
	return new ChannelError(failure, message, hint, {
		...(providerCode === undefined ? {} : { providerCode }),
		...(optedOut === undefined ? {} : { optOut: optedOut }),
	});
}

function unknown(status: number, sentence: unknown): Meaning {
	if (status === 401 || status === 403) return CREDENTIAL;
	if (status === 404) return MEANINGS[20404] as Meaning;
	if (status === 429) return PATIENCE;
	if (status === 503) {
		return {
			failure: 'unavailable',
			message: 'Twilio is not available at the moment',
			hint: 'Send it again later',
		};
	}
	if (status >= 500) {
		return {
			failure: 'unclear',
			message: `Twilio had a fault (HTTP ${status}) and did not say whether the message is on its way`,
			hint: 'Look in the Twilio Console under Monitor, Logs, Messaging before you send it again',
		};
	}
	const why = withoutNumbers(sentence);
	return {
		failure: 'rejected',
		message: `Twilio refused the message${why === undefined ? '' : `: ${why}`}`,
		hint: 'Look the code up at https://www.twilio.com/docs/api/errors',
	};
}
