import type { Attachment } from '../channels/channel';
import { fieldsOf, listOf, textOf, type Fields } from '../channels/fields';
import { asciiDigits } from '../decisions/text';
import { describePhone } from '../enrichment/phone';
import type { Checked, Question } from './contracts';
import { refused } from './contracts';

type PhoneQuestion = Extract<Question, { kind: 'phone' }>;

/** Digits with what people put between them; of E.164 at most 15, and some marks. */
const RUN = /\+?\(?\d(?:[\s().\-/]{0,3}\d){5,19}/gu;

/** How channels and vCards name the phones of a card. */
const PHONE_KEYS = ['phone', 'phone_number', 'phoneNumber', 'wa_id'];

/**
 * The one phone number in a text or a contact card that its country's numbering plan has, in E.164.
 * Of a card with several numbers the first counts, which phones show as the main one.
 */
export function checkPhone(
	{ defaultCountry }: PhoneQuestion,
	written: string | undefined,
	attachments: Attachment[],
): Checked<string> {
	for (const number of attachments.flatMap(phonesOn)) {
		const e164 = existing(number, defaultCountry) ?? existing(`+${number}`, null);
		if (e164 !== undefined) return { valid: true, value: e164, text: e164 };
	}
	if (written === undefined) return refused('has no text and no contact card with a phone number');
	const whole = existing(written, defaultCountry);
	const text = asciiDigits(written.normalize('NFKC'))
		.replace(/\p{Default_Ignorable_Code_Point}/gu, '')
		.replace(/\p{Dash_Punctuation}/gu, '-');
	const runs = whole === undefined ? (text.match(RUN) ?? []) : [];
	const found = new Set(
		whole === undefined ? runs.flatMap((run) => existing(run, defaultCountry) ?? []) : [whole],
	);
	const [number] = found;
	if (found.size > 1) return refused('has more than one phone number');
	if (number !== undefined) return { valid: true, value: number, text: number };
	if (runs.length === 0) return refused('has no phone number');
	return refused(
		defaultCountry || runs.some((run) => /^(?:\+|00)/.test(run))
			? 'has a number that no phone has'
			: 'has a phone number without a country code',
	);
}

function existing(number: string, country: string | null | undefined): string | undefined {
	const phone = describePhone(number, country);
	return phone?.valid ? phone.e164 : undefined;
}

function phonesOn({ type, caption, details = {} }: Attachment): string[] {
	if (type !== 'contact' && type !== 'contacts') return [];
	const phones = listOf(details.phones)
		.map(fieldsOf)
		.filter((phone) => phone !== undefined);
	const cards: Fields[] = [details, ...phones];
	const named = cards.flatMap((card) => PHONE_KEYS.flatMap((key) => textOf(card[key]) ?? []));
	// vCard, RFC 6350, section 6.4.1; WhatsApp adds its own ID to the line as a parameter.
	const vcard = (textOf(details.vcard) ?? '').slice(0, 10_000);
	const lines = [...vcard.matchAll(/^(?:item\d+\.)?TEL[^:\n]*:(.+)$/gim)].map(([, tel]) =>
		tel!.trim(),
	);
	// Chatwoot puts the number where the others put a title.
	return [...named, ...lines, ...(textOf(caption) === undefined ? [] : [caption!])];
}
