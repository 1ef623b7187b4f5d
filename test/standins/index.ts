import type { ChannelStandIn } from './channelStandIn';
import { startInstagram } from './instagram';
import { startMessenger } from './messenger';
import { startTelegram } from './telegram';
import { startTwilio } from './twilio';
import { startWhatsApp } from './whatsapp';

/** A stand-in for each provider, by the key of its channel. */
export const standIns: Record<string, () => Promise<ChannelStandIn>> = {
	instagram: startInstagram,
	messenger: startMessenger,
	telegram: startTelegram,
	twilio: startTwilio,
	whatsapp: startWhatsApp,
};
