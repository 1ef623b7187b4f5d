import type { ChannelSettings } from '../channel';
import { textOf } from '../fields';
import { secretsOf } from '../signatures';

/**
 * Who calls Twilio's interface: an API key where one is entered, else the account itself. Of several
 * auth tokens the first one calls; all of them prove who sent a webhook.
 *
 * @returns undefined when neither is complete
 */
export function callerOf(
	settings: ChannelSettings,
): { username: string; password: string } | undefined {
	const keySid = textOf(settings.apiKeySid);
	const keySecret = textOf(settings.apiKeySecret);
	if (keySid !== undefined && keySecret !== undefined) {
		return { username: keySid, password: keySecret };
	}
	const accountSid = textOf(settings.accountSid);
	const token = secretsOf(settings.authToken)[0];
	if (accountSid === undefined || token === undefined) return undefined;
	return { username: accountSid, password: token };
}
