import { present, textOf } from '../channels/fields';
import { problem, type ItemInput, type Mapped } from './opening';

/** What the operator filled in, as it stands in the form. */
export interface FieldsSettings {
	contactId: unknown;
	channel: unknown;
	account: unknown;
	messageText: unknown;
	messageId: unknown;
	details: Record<string, unknown>;
}

/** Opens with what the operator dragged into the fields: for every source that has no mapping. */
export function mapFields({ now }: ItemInput, settings: FieldsSettings): Mapped[] {
	const id = textIn(settings.contactId);
	const channel = textIn(settings.channel);
	if (id === undefined) {
		return [
			problem(
				"'Contact ID' is empty",
				'Drag in what identifies the customer where the message comes from, e.g. the sender’s address',
			),
		];
	}
	if (channel === undefined) {
		return [problem("'Channel' is empty", 'Name where the message comes from')];
	}
	const account = textIn(settings.account) ?? 'default';
	const text = textIn(settings.messageText);
	const messageId = textIn(settings.messageId);
	const { name, phone, email, language } = settings.details;
	return [
		{
			opening: present({
				channel,
				account,
				contact: present({
					identities: [{ channel, account, id }],
					name: textIn(name),
					phone: textIn(phone),
					email: textIn(email),
					language: textIn(language),
				}),
				message:
					text === undefined && messageId === undefined
						? undefined
						: present({
								id: messageId,
								type: 'text',
								text: text ?? '',
								attachments: [],
								sentAt: now,
							}),
			}),
		},
	];
}

/** An expression may give a number, e.g. for a phone or an ID. */
function textIn(value: unknown): string | undefined {
	return textOf(value === undefined || value === null ? undefined : String(value));
}
