import { createHash } from 'node:crypto';
import { fieldsOf, listOf, present, textOf, type Fields } from '../channels/fields';
import { automaticReason, type Header } from './emailAutomatic';
import { addressIn, addressOf, decodedWords, textOfHtml } from './emailText';
import {
	attachmentOf,
	messageOf,
	problem,
	timeOf,
	writtenText,
	type ItemInput,
	type Mapped,
} from './opening';

const CHANNEL = 'email';

export interface EmailSettings {
	/** The address that customers write to: the account, and an address of your own. */
	mailbox: unknown;
	/** Further addresses of your own, separated by commas. */
	ownAddresses: unknown;
	takeMailingLists: boolean;
	/** Put the subject before the text of a mail that begins a thread. */
	includeSubject: boolean;
}

const OTHER_TRIGGER = "Or set 'Input' to 'Fields' and drag in what the item has";

/**
 * An item of n8n's Email Trigger (IMAP), in its formats Simple and Resolved; Gmail Trigger without
 * "Simplify" gives the latter, too.
 *
 * The sender's address is what a mail says and nothing proves: it tells contacts of this mailbox
 * apart, and no other channel shares it.
 */
export function mapEmail(item: ItemInput, settings: EmailSettings): Mapped[] {
	const { json, now } = item;
	const mailbox = addressIn(settings.mailbox);
	if (mailbox === undefined) {
		return [
			problem(
				textOf(settings.mailbox) === undefined
					? "'Mailbox' is empty"
					: "'Mailbox' is not an e-mail address",
				'Enter the address that customers write to',
			),
		];
	}
	const unusable = unusableShape(json);
	if (unusable) return [unusable];
	const header = headersOf(json);
	const from = addressOf(json.from);
	if (!from) return [{ ignored: 'The mail names no sender that could be answered.' }];

	const replyTo = addressOf(json.replyTo ?? header('reply-to'))?.address;
	const own = new Set([mailbox, ...ownAddresses(settings.ownAddresses)]);
	if (own.has(from.address)) {
		const other = replyTo !== undefined && !own.has(replyTo);
		return [
			{
				ignored: other
					? 'The mail comes from an address of your own and asks for answers to another one, as contact forms do. Open those with the form’s own trigger, or with Fields.'
					: 'The mail comes from an address of your own.',
			},
		];
	}
	const labels = listOf(json.labelIds);
	if (labels.includes('SENT') || labels.includes('DRAFT')) {
		return [{ ignored: 'The mail was written in this mailbox.' }];
	}
	const automatic = automaticReason(header, from.address, settings.takeMailingLists);
	if (automatic !== undefined) return [{ ignored: automatic }];

	const thread = threadOf(json, header);
	const subject = textOf(decodedWords(textOf(json.subject) ?? ''));
	const body = writtenText(json.textPlain) ?? writtenText(json.text) ?? fromHtml(json);
	return [
		{
			opening: {
				channel: CHANNEL,
				account: mailbox,
				contact: present({
					identities: [{ channel: CHANNEL, account: mailbox, id: from.address }],
					name: from.name,
					email: from.address,
				}),
				reply: { to: replyTo === undefined || own.has(replyTo) ? from.address : replyTo },
				message: messageOf(
					textWithSubject(body, subject, settings.includeSubject && thread === undefined),
					item.files.map(attachmentOf),
					present({
						id: messageIdOf(json, header, [from.address, subject, body]),
						sentAt: timeOf(json.date, now),
						details: thread === undefined ? undefined : { replyToMessageId: thread },
					}),
				),
			},
		},
	];
}

/** Items that hold no mail with its headers: without them, answers of programs cannot be told apart. */
function unusableShape(json: Fields): Mapped | undefined {
	if (json.from === undefined && typeof json.raw === 'string') {
		return problem(
			'The item is a mail in the format Raw, which has no sender',
			"Set 'Format' of Email Trigger (IMAP) to 'Resolved' or 'Simple'",
		);
	}
	if (json.From !== undefined && json.snippet !== undefined) {
		return problem(
			'The item is a simplified one of Gmail Trigger, which has no headers, so automatic answers cannot be recognised',
			"Turn off 'Simplify' in Gmail Trigger",
		);
	}
	if (json.from === undefined) {
		return problem(
			'The item is no mail of Email Trigger (IMAP): it has no sender',
			`Connect this node behind Email Trigger (IMAP), format 'Resolved' or 'Simple'. ${OTHER_TRIGGER}`,
		);
	}
	if (fieldsOf(json.metadata) === undefined && fieldsOf(json.headers) === undefined) {
		return problem(
			'The item has a sender but no headers, so automatic answers cannot be recognised',
			`Use Email Trigger (IMAP), format 'Resolved' or 'Simple'. ${OTHER_TRIGGER}`,
		);
	}
	return undefined;
}

/** Simple has values under `metadata`, Resolved has whole lines ("Name: value") under `headers`. */
function headersOf(json: Fields): Header {
	const values = fieldsOf(json.metadata);
	const lines = fieldsOf(json.headers) ?? {};
	return (name) => {
		if (values) return typeof values[name] === 'string' ? unfolded(values[name]) : undefined;
		const line = lines[name];
		return typeof line === 'string' ? unfolded(line.replace(/^[^:]*:/, '')) : undefined;
	};
}

/** A header may go over several lines, of which all but the first begin with a space. */
function unfolded(value: string): string {
	return value.replace(/\r?\n[ \t]+/g, ' ').trim();
}

function ownAddresses(setting: unknown): string[] {
	return (textOf(setting) ?? '').split(/[\s,;]+/).flatMap((each) => addressIn(each) ?? []);
}

/** The mail that this one answers: the last one that it refers to where it does not say directly. */
function threadOf(json: Fields, header: Header): string | undefined {
	const answered = idsIn(json.inReplyTo ?? header('in-reply-to'))[0];
	return answered ?? idsIn(json.references ?? header('references')).at(-1);
}

/** mailparser gives one reference as a text, several as a list. */
function idsIn(value: unknown): string[] {
	const text = Array.isArray(value) ? value.join(' ') : textOf(value);
	return (text ?? '').match(/<[^<>\s]+>/g) ?? [];
}

/**
 * The Message-ID, which is the same wherever a mail is read again. A mail without one is known by
 * what it says, if it has a date.
 */
function messageIdOf(json: Fields, header: Header, content: unknown[]): string | undefined {
	const id = textOf(json.messageId) ?? textOf(header('message-id'));
	if (id !== undefined && id.length <= 998) return id;
	const date = json.date instanceof Date ? json.date.toISOString() : textOf(json.date);
	if (date === undefined) return undefined;
	const digest = createHash('sha256').update(JSON.stringify([id, date, ...content]));
	return `mail-${digest.digest('hex')}`;
}

function fromHtml(json: Fields): string | undefined {
	const html = textOf(json.textHtml) ?? textOf(json.html);
	return html === undefined ? undefined : textOf(textOfHtml(html));
}

function textWithSubject(
	body: string | undefined,
	subject: string | undefined,
	includes: boolean,
): string | undefined {
	if (body === undefined) return subject;
	return includes && subject !== undefined ? `${subject}\n\n${body}` : body;
}
