import { textOf } from '../channels/fields';
import { telegram } from '../channels/telegram';
import { openingsOf, requestOf } from './channelMessages';
import { problem, type ItemInput, type Mapped } from './opening';

/**
 * An item of n8n's Telegram Trigger: an update of the Bot API. An update does not say which bot it
 * is for, and Conversation Opened takes that from the token, so the operator names it here.
 */
export function mapTelegramTrigger(
	{ json, now }: ItemInput,
	settings: { botId: unknown },
): Mapped[] {
	// A whole token is understood, too, and only its first part used.
	const botId = /^(\d+)(?::|$)/.exec(textOf(String(settings.botId ?? '')) ?? '')?.[1];
	if (botId === undefined) {
		return [
			problem(
				"'Bot ID' is not a number",
				'Enter the digits before the colon of the bot’s token, as @BotFather shows it',
			),
		];
	}
	if (json.update_id === undefined) {
		return [
			problem(
				'The item is no update of Telegram: it has no update_id',
				"Connect this node behind a Telegram Trigger, or set 'Input' to 'Fields'",
			),
		];
	}
	// The channel takes the account from a token; nothing is verified or sent here.
	const body = telegram.parse(requestOf(json, now), { botToken: `${botId}:unknown` });
	// Beside a message there is nothing in an update but what somebody added to the item.
	return openingsOf(body.messages.length > 0 ? { ...body, ignored: [] } : body);
}
