import type { ChannelSettings } from '../channel';
import { textOf } from '../fields';
import { derivedSecret } from '../signatures';

/** Part of the IDs of all contacts of Viber: another label would make strangers of them. */
const FINGERPRINT_LABEL = 'inbound-conversations/viber/account';

/**
 * The business's side. Viber's bodies do not name the bot they are for, and its ID cannot be asked
 * for while a body is read. So a bot is known by a fingerprint of its token, from which the token
 * cannot be found; by a name of the operator's where a token had to be replaced.
 */
export function accountOf(settings: ChannelSettings): string {
	const name = textOf(settings.account);
	if (name !== undefined) return name;
	const token = textOf(settings.authToken);
	if (token === undefined) return 'default';
	return derivedSecret(token, FINGERPRINT_LABEL).slice(0, 12);
}
