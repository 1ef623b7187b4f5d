import { createHash } from 'node:crypto';
import { fieldsOf, listOf, present, textOf, type Fields } from '../channels/fields';
import { asciiDigits } from '../decisions/text';
import { addressIn } from './emailText';
import {
	attachmentOf,
	messageOf,
	problem,
	timeOf,
	type ItemFile,
	type ItemInput,
	type Mapped,
} from './opening';

const CHANNEL = 'form';

/** Labels of the form's fields; an empty one is looked for by what its label says. */
export interface FormSettings {
	account: unknown;
	emailField: unknown;
	phoneField: unknown;
	nameField: unknown;
	messageField: unknown;
}

/** What n8n adds to the fields of a form. */
const ADDED = new Set(['submittedAt', 'formMode', 'formQueryParameters']);

/** Words of labels, in the languages that operators of this package write most. */
const LABELS = {
	email: /e-?mail|courriel|correo|بريد|ايميل|إيميل/i,
	phone:
		/phone|mobile|handy|telefon|téléphone|teléfono|móvil|whats ?app|\btel\b|هاتف|جوال|موبايل|تليفون|واتس/i,
	firstName: /first ?name|given ?name|vorname|prénom|الاسم الأول/i,
	lastName: /last ?name|surname|family ?name|nachname|apellido|اسم العائلة|اللقب/i,
	name: /name|\bnom\b|nombre|الاسم|اسم/i,
	notOfPerson: /company|business|user|file|domain|product|event|firma|société|empresa|شركة/i,
	message:
		/message|question|comment|inquiry|enquiry|how can we help|nachricht|frage|mensaje|pregunta|رسالة|سؤال|استفسار|تعليق/i,
};

/**
 * An item of n8n's Form Trigger: a value for each field by its label, `submittedAt` and `formMode`.
 *
 * What somebody typed into a form proves nothing, so it is an identity among forms only, and never
 * that of another channel: nobody becomes another customer by typing their address.
 */
export function mapFormTrigger(item: ItemInput, settings: FormSettings): Mapped[] {
	const { json, now } = item;
	if (json.submittedAt === undefined) {
		return [
			problem(
				'The item is no submission of a form: it has no time of submission',
				"Connect this node behind an n8n Form Trigger, or set 'Input' to 'Fields'",
			),
		];
	}
	for (const field of ['emailField', 'phoneField', 'nameField', 'messageField'] as const) {
		const label = textOf(settings[field]);
		if (label !== undefined && !Object.hasOwn(json, label)) {
			return [
				problem(
					`The form has no field '${label}'`,
					'Write the label of the field as the form shows it, or empty the parameter to have it found',
				),
			];
		}
	}
	const found = contactFields(json, settings);
	const user = fieldsOf(json.user);
	const email = addressIn(json[found.email ?? '']) ?? addressIn(user?.email);
	const phone = phoneIn(json[found.phone ?? '']);
	const id = email ?? phone;
	if (id === undefined) {
		return [
			problem(
				'The form names nobody: neither an e-mail address nor a phone number was found',
				"Add such a field to the form, or choose it in 'Email Field' or 'Phone Field'",
			),
		];
	}
	const account = textOf(settings.account) ?? 'default';
	const names = found.names.flatMap((label) => valueText(json[label]) ?? []);
	const used = [found.email, found.phone, ...found.names];
	const text =
		valueText(json[found.message ?? '']) ??
		textOf(
			Object.entries(json)
				.filter(([label]) => !ADDED.has(label) && !used.includes(label) && label !== 'user')
				.flatMap(([label, value]) => {
					const words = valueText(value);
					return words === undefined ? [] : [`${label}: ${words}`];
				})
				.join('\n'),
		);
	const attachments = filesOf(item).map(attachmentOf);
	return [
		{
			opening: {
				channel: CHANNEL,
				account,
				contact: present({
					identities: [{ channel: CHANNEL, account, id }],
					name: textOf(names.join(' ')) ?? userName(user),
					email,
					phone,
				}),
				reply: { to: id },
				message: messageOf(text, attachments, {
					id: submissionId(json),
					sentAt: timeOf(json.submittedAt, now),
				}),
			},
		},
	];
}

interface FoundFields {
	email: string | undefined;
	phone: string | undefined;
	names: string[];
	message: string | undefined;
}

/** Which field is which: as the operator says, else by its label and what is in it. */
function contactFields(json: Fields, settings: FormSettings): FoundFields {
	const labels = Object.keys(json).filter((label) => !ADDED.has(label));
	const find = (pattern: RegExp, holds: (value: unknown) => boolean) =>
		labels.find((label) => pattern.test(label) && holds(json[label]));
	const isAddress = (value: unknown) => addressIn(value) !== undefined;
	const isText = (value: unknown) => valueText(value) !== undefined;
	const email =
		textOf(settings.emailField) ??
		find(LABELS.email, isAddress) ??
		labels.find((label) => isAddress(json[label]));
	const phone =
		textOf(settings.phoneField) ??
		find(LABELS.phone, (value) => phoneIn(value) !== undefined && !isAddress(value));
	const named = textOf(settings.nameField);
	const parts = [find(LABELS.firstName, isText), find(LABELS.lastName, isText)];
	const whole = labels.find(
		(label) => LABELS.name.test(label) && !LABELS.notOfPerson.test(label) && isText(json[label]),
	);
	const split = parts.filter((label) => label !== undefined);
	const names = named !== undefined ? [named] : split.length > 0 ? split : whole ? [whole] : [];
	const length = (label: string) => valueText(json[label])?.length ?? 0;
	// The longest, since "Kind of question" is a choice and not the question.
	const [message] = labels
		.filter((label) => LABELS.message.test(label) && isText(json[label]))
		.filter((label) => ![email, phone, ...names].includes(label))
		.sort((a, b) => length(b) - length(a));
	return { email, phone, names, message: textOf(settings.messageField) ?? message };
}

/**
 * A phone number as somebody types it, in digits of any script and with what people put between
 * them; always written in one way, so that a contact who types it differently stays the same.
 */
function phoneIn(value: unknown): string | undefined {
	const text = textOf(typeof value === 'number' ? String(value) : value);
	if (text === undefined || !/^[\s+()./\p{Nd}-]+$/u.test(text)) return undefined;
	const number = asciiDigits(text).replace(/[^\d+]/g, '');
	return /^\+?\d{6,20}$/.test(number) ? number : undefined;
}

/** What a field shows: several choices with commas; files have no text. */
function valueText(value: unknown): string | undefined {
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	if (typeof value === 'string') return textOf(value) === undefined ? undefined : value;
	const choices = listOf(value).flatMap((choice) => textOf(choice) ?? []);
	return textOf(choices.join(', '));
}

function userName(user: Fields | undefined): string | undefined {
	return textOf([user?.firstName, user?.lastName].flatMap((part) => textOf(part) ?? []).join(' '));
}

/** The binary files of the item; where n8n gave only what they are, that. */
function filesOf({ json, files }: ItemInput): ItemFile[] {
	if (files.length > 0) return files;
	return Object.values(json)
		.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
		.flatMap((value): ItemFile[] => {
			const file = fieldsOf(value);
			const fileName = textOf(file?.filename);
			return fileName === undefined
				? []
				: [{ key: '', fileName, mimeType: textOf(file?.mimetype) }];
		});
}

/** The same submission again, by a retry of the flow, is the same message. */
function submissionId(json: Fields): string {
	return `form-${createHash('sha256').update(JSON.stringify(json)).digest('hex')}`;
}
