import type { Channel } from './channel';
import { chatwoot } from './chatwoot';
import { evolution } from './evolution';
import { instagram } from './instagram';
import { line } from './line';
import { messenger } from './messenger';
import { plainWebhook } from './plainWebhook';
import { respondio } from './respondio';
import { signedWebhook } from './signedWebhook';
import { withFewReasons } from './skipped';
import { telegram } from './telegram';
import { twilio } from './twilio';
import { viber } from './viber';
import { waha } from './waha';
import { whatsapp } from './whatsapp';

/** Every channel, in the order in which an operator chooses. */
export const channels: Channel[] = [
	whatsapp,
	messenger,
	instagram,
	telegram,
	twilio,
	line,
	viber,
	evolution,
	waha,
	respondio,
	chatwoot,
	signedWebhook,
	plainWebhook,
].map(withFewReasons);

/** The channel of a key as it stands in a parameter or in the store, if there is one. */
export function channelByKey(key: string): Channel | undefined {
	return channels.find((channel) => channel.key === key);
}
