import type { ChannelSettings } from '../channel';
import { textOf } from '../fields';

/**
 * The business's side: the session or instance that a body names, or the operator's name for the one of
 * the credential. Two servers may both have a session of the same name; WAHA Core's is always `default`.
 *
 * @param own the session or instance of the credential
 * @param named the one of the body, which may be another one where a server has one webhook for all
 */
export function accountFor<T extends string | undefined>(
	settings: ChannelSettings,
	own: T,
	named: string | T = own,
): string | T {
	const name = textOf(settings.accountName);
	if (name === undefined || named === undefined) return named;
	return own === undefined || named === own ? name : `${name}:${named}`;
}
