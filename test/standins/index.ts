import type { ChannelStandIn } from './channelStandIn';
import { startChatwoot } from './chatwoot';
import { startEvolution } from './evolution';
import { startInstagram } from './instagram';
import { startLine } from './line';
import { startMessenger } from './messenger';
import { startRespondIo } from './respondio';
import { startTelegram } from './telegram';
import { startTwilio } from './twilio';
import { startViber } from './viber';
import { startWaha } from './waha';
import { startWhatsApp } from './whatsapp';

/** A stand-in for each provider, by the key of its channel. */
export const standIns: Record<string, () => Promise<ChannelStandIn>> = {
	chatwoot: startChatwoot,
	evolution: startEvolution,
	instagram: startInstagram,
	line: startLine,
	messenger: startMessenger,
	respondio: startRespondIo,
	telegram: startTelegram,
	twilio: startTwilio,
	viber: startViber,
	waha: startWaha,
	whatsapp: startWhatsApp,
};
