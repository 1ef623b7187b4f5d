import { textOf } from '../channels/fields';

/** A header's value by its name in small letters, unfolded, without its name. */
export type Header = (name: string) => string | undefined;

/** Mailboxes that programs write from (RFC 3464 and the habits of mail servers). */
const SYSTEM_SENDERS = /^(?:mailer-daemon|postmaster|mail-daemon|bounces?)[@+-]/;

/**
 * Why no person wrote this mail, or undefined if one may have. Answering a program makes two
 * programs answer each other without end, so none of these opens a conversation (RFC 3834, section 2).
 *
 * @param from the sender's address in small letters
 * @param takesLists mails through a mailing list are customers' mails (a shared address that is a
 * group of Google, for example)
 */
export function automaticReason(
	header: Header,
	from: string,
	takesLists: boolean,
): string | undefined {
	const submitted = word(header('auto-submitted'));
	if (submitted !== undefined && submitted !== 'no') {
		return 'The mail is an automatic one (header Auto-Submitted).';
	}
	for (const name of ['x-autoreply', 'x-autorespond', 'x-autoresponder']) {
		const value = word(header(name));
		if (value !== undefined && value !== 'no') {
			return `The mail is an automatic answer (header ${name}).`;
		}
	}
	const precedence = word(header('precedence'));
	if (precedence === 'auto_reply') return 'The mail is an automatic answer (header Precedence).';
	if (precedence === 'bulk' || precedence === 'junk') {
		return `The mail is a mass mailing (Precedence: ${precedence}).`;
	}
	if (!takesLists && (precedence === 'list' || textOf(header('list-id')) !== undefined)) {
		return "The mail came through a mailing list. If the mailbox is one, turn on 'Take Mailing Lists'.";
	}
	const returnPath = header('return-path')?.trim();
	if (returnPath === '<>' || SYSTEM_SENDERS.test(from)) {
		return 'The mail is a bounce: a mail server wrote it.';
	}
	if (/^multipart\/report\b/i.test(header('content-type')?.trim() ?? '')) {
		return 'The mail is a report about the delivery or the reading of another mail.';
	}
	if (textOf(header('x-failed-recipients')) !== undefined) {
		return 'The mail is a bounce: it says who could not be reached.';
	}
	return undefined;
}

/** The first word of a header, in small letters: what follows are comments and parameters. */
function word(value: string | undefined): string | undefined {
	return textOf(value?.toLowerCase().split(/[\s;(]/, 1)[0]);
}
