import { textOf } from '../fields';

/**
 * WhatsApp Web names everybody by a "jid": digits, perhaps the number of a device, and a suffix that
 * says what the digits are.
 */
export type Jid =
	/** A person, by phone number. */
	| { kind: 'phone'; digits: string }
	/** A person, by an ID that is no phone number, though its digits look like one. */
	| { kind: 'lid'; digits: string }
	| { kind: 'group'; id: string }
	/** Nobody who could be answered: a story, a broadcast list, a channel, WhatsApp itself. */
	| { kind: 'nobody'; what: string };

/** What the suffixes mean (Baileys, `WABinary/jid-utils`; WAHA, "Send messages: chatId"). */
const SUFFIXES: Record<string, 'phone' | 'lid' | 'group' | undefined> = {
	's.whatsapp.net': 'phone',
	'c.us': 'phone',
	hosted: 'phone',
	lid: 'lid',
	'hosted.lid': 'lid',
	'g.us': 'group',
};

const NOBODY: Record<string, string | undefined> = {
	broadcast: 'a story or a broadcast list',
	newsletter: 'a channel',
	bot: 'a bot of WhatsApp',
	call: 'a call',
};

/**
 * Reads a jid; undefined where it is none. The suffix alone decides: the digits of a LID may be
 * somebody else's phone number.
 */
export function readJid(value: unknown): Jid | undefined {
	const text = textOf(value)?.toLowerCase();
	const at = text?.lastIndexOf('@') ?? -1;
	if (text === undefined || at < 1 || text.length > 128) return undefined;
	const [user, suffix] = [text.slice(0, at), text.slice(at + 1)];
	const what = Object.hasOwn(NOBODY, suffix) ? NOBODY[suffix] : undefined;
	if (what !== undefined) return { kind: 'nobody', what };
	const kind = Object.hasOwn(SUFFIXES, suffix) ? SUFFIXES[suffix] : undefined;
	if (kind === 'group') return { kind, id: text };
	// `:12` is a linked device of the same person, `_1` the agent that some versions write before it.
	const digits = /^(\d{1,32})(?:_\d+)?(?::\d+)?$/.exec(user)?.[1];
	if (kind === undefined || digits === undefined) return undefined;
	if (/^0+$/.test(digits)) return { kind: 'nobody', what: 'an announcement of WhatsApp' };
	// E.164 has at most 15 digits.
	if (kind === 'phone' && (digits.length < 4 || digits.length > 15)) return undefined;
	return { kind, digits };
}

/** Whether two jids name the same person, whatever the device and the spelling of the suffix. */
export function isSamePerson(one: Jid | undefined, other: Jid | undefined): boolean {
	if (!one || !other || !('digits' in one) || !('digits' in other)) return false;
	return one.kind === other.kind && one.digits === other.digits;
}
