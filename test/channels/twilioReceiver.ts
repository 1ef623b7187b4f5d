import type {
	ChannelNotice,
	ChannelRequest,
	HandshakeAnswer,
	InboundMessage,
} from '../../nodes/channels/channel';
import { twilio } from '../../nodes/channels/twilio';
import { startStandIn } from '../standins/standIn';
import { NOW } from './requests';

/** An address that verifies and reads what Twilio posts, as the trigger does. */
export interface Receiver {
	url: string;
	messages: InboundMessage[];
	notices: ChannelNotice[];
	answers: Omit<HandshakeAnswer, 'status'>;
	close(): Promise<void>;
}

export async function receiverOf(settings: Record<string, unknown>): Promise<Receiver> {
	const messages: InboundMessage[] = [];
	const notices: ChannelNotice[] = [];
	const server = await startStandIn((call) => {
		const { headers, query, rawBody } = call;
		const request: ChannelRequest = { headers, query, rawBody, url: receiver.url, now: NOW };
		const verified = twilio.verify(request, settings);
		if (!verified.ok) return { status: verified.status, body: verified.reason };
		const parsed = twilio.parse(request, settings);
		messages.push(...parsed.messages);
		notices.push(...(parsed.notices ?? []));
		const { contentType, body } = receiver.answers;
		return { headers: { 'content-type': contentType }, body };
	});
	const receiver: Receiver = {
		url: `${server.url}/webhook/twilio`,
		messages,
		notices,
		answers: twilio.answer!,
		close: async () => await server.close(),
	};
	return receiver;
}
