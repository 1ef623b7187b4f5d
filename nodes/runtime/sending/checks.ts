import type { Channel, ChannelSettings } from '../../channels/channel';
import { ChannelError } from '../../channels/errors';
import type { Sending } from '../../channels/sending';
import { storeError } from '../../store/errors';
import type { FoundRecipient } from '../../store/operations/recipients';

export type SendingChannel = Channel & { sending: Sending };

/** A token of one bot answers for no other: its contacts have never heard of it. */
export function checkAccount(
	{ displayName, sending, accounts }: SendingChannel,
	settings: ChannelSettings,
	{ account }: FoundRecipient,
): void {
	if (!sending.oneAccount) return;
	const own = accounts(settings);
	if (own.length === 0 || own.includes(account)) return;
	throw storeError(
		'InvalidInput',
		`The contact wrote to the ${displayName} account '${account}', and the credential of this node is for '${own.join(', ')}'`,
		`Use one Send Message node for each account of ${displayName}, each with its own credential`,
	);
}

const OPTED_OUT = {
	stop: 'has asked for no more messages (STOP)',
	unsubscribed: 'has unsubscribed',
	blocked: 'has blocked this account',
	marketing: 'has stopped marketing messages',
};

const AGAIN = {
	stop: 'Nothing was sent. Messages are possible again when the contact writes START',
	unsubscribed: 'Nothing was sent. Messages are possible again when the contact writes first',
	blocked: 'Nothing was sent. Messages are possible again when the contact writes first',
	marketing:
		'Nothing was sent. Templates are possible again when the contact allows them; answers within the reply window are possible now',
};

/** @throws ChannelError `optedOut` */
export function checkConsent(
	{ displayName }: Channel,
	{ optedOut }: FoundRecipient,
	isTemplate: boolean,
): void {
	// Whoever wants no advertising still wants answers; the reply window looks after the rest.
	if (!optedOut || (optedOut.reason === 'marketing' && !isTemplate)) return;
	throw new ChannelError(
		'optedOut',
		`The contact ${OPTED_OUT[optedOut.reason]} on ${displayName}, on ${optedOut.at.slice(0, 10)}`,
		AGAIN[optedOut.reason],
	);
}
