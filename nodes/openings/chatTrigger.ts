import { fieldsOf, idOf, listOf, present, textOf, type Fields } from '../channels/fields';
import {
	attachmentOf,
	messageOf,
	problem,
	writtenText,
	type ItemInput,
	type Mapped,
} from './opening';

const CHANNEL = 'webchat';

/**
 * An item of n8n's Chat Trigger: `{sessionId, action, chatInput, metadata?, files?}`.
 *
 * The session's id comes from the visitor's browser and `metadata` from the page around the chat.
 * Both can be made up, so only the session is an identity, and no other channel shares it.
 */
export function mapChatTrigger(item: ItemInput, settings: { account: unknown }): Mapped[] {
	const { json, now } = item;
	if (json.action === 'loadPreviousSession') {
		return [{ ignored: 'The page only asked for the earlier messages of the session.' }];
	}
	const sessionId = idOf(json.sessionId);
	if (sessionId === undefined) {
		return [
			problem(
				'The item has no session ID',
				"Connect this node behind a Chat Trigger, or set 'Input' to 'Fields'",
			),
		];
	}
	const attachments = filesOf(item).map(attachmentOf);
	const text = writtenText(json.chatInput);
	if (text === undefined && attachments.length === 0) {
		return [{ ignored: 'The visitor sent neither a text nor a file.' }];
	}
	const account = textOf(settings.account) ?? 'default';
	const said = fieldsOf(json.metadata) ?? {};
	return [
		{
			opening: {
				channel: CHANNEL,
				account,
				contact: present({
					identities: [{ channel: CHANNEL, account, id: sessionId }],
					name: first(said, 'full_name', 'fullName', 'name', 'displayName', 'username'),
					email: first(said, 'email', 'user_email', 'userEmail'),
					phone: first(said, 'phone', 'phone_number', 'phoneNumber', 'mobile'),
					language: first(said, 'language', 'lang', 'locale'),
				}),
				reply: { to: sessionId },
				message: messageOf(text, attachments, { sentAt: now }),
			},
		},
	];
}

/** The binary files of the item; where n8n gave only the list, what that says. */
function filesOf({ json, files }: ItemInput) {
	if (files.length > 0) return files;
	return listOf(json.files).flatMap((each) => {
		const file = fieldsOf(each);
		if (!file) return [];
		return [{ key: '', fileName: textOf(file.fileName), mimeType: textOf(file.mimeType) }];
	});
}

function first(fields: Fields, ...names: string[]): string | undefined {
	for (const name of names) {
		const text = textOf(fields[name]);
		if (text !== undefined) return text;
	}
	return undefined;
}
