import { createHmac } from 'node:crypto';
import { startLine } from '../standins/line';
import { startTwilio } from '../standins/twilio';
import { Bench } from './support/bench';
import { posted, postedByMeta, type Posted } from './support/http';
import image from '../channels/fixtures/whatsapp/image-caption.json';

/** What a customer sends in one go comes in as several requests at the same time. */
describe('what comes at once from a contact whom nobody knows', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});

	const at = async (channel: string, requests: Posted[]) =>
		await Promise.all(
			requests.map(async (request) => await bench.webhook(request, { parameters: { channel } })),
		);

	const counts = async () => {
		const { contacts, messages, conversations } = await (await bench.store()).countEverything();
		return { contacts, messages, open: conversations.open };
	};

	test('an album of five images on WhatsApp is one conversation', async () => {
		const appSecret = 'secret of the app';
		bench.credentials.conversationWhatsAppApi = { appSecret, verifyToken: 'a word' };
		const text = JSON.stringify(image.body);
		const album = [1, 2, 3, 4, 5].map((n) =>
			postedByMeta(JSON.parse(text.replaceAll('wamid.FIXTURE002', `wamid.ALBUM${n}`)), appSecret),
		);
		await at('whatsapp', album);
		expect(await counts()).toEqual({ contacts: 1, messages: 5, open: 1 });
	});

	test('two batches of LINE with two messages each are one conversation', async () => {
		const line = await startLine();
		try {
			bench.credentials[line.credential.type] = line.credential.data as never;
			const secret = String(line.credential.data.channelSecret);
			const event = (id: string) => ({
				type: 'message',
				mode: 'active',
				timestamp: Date.now(),
				source: { type: 'user', userId: `U${'a'.repeat(32)}` },
				webhookEventId: `event-${id}`,
				deliveryContext: { isRedelivery: false },
				message: { id, type: 'text', text: `こんにちは ${id}` },
			});
			const batch = (...ids: string[]) => {
				const request = posted({ destination: `U${'b'.repeat(32)}`, events: ids.map(event) });
				const signature = createHmac('sha256', secret).update(request.rawBody!).digest('base64');
				request.headers['x-line-signature'] = signature;
				return request;
			};
			await at('line', [batch('1', '2'), batch('3', '4')]);
			expect(await counts()).toEqual({ contacts: 1, messages: 4, open: 1 });
		} finally {
			await line.close();
		}
	});

	test('two requests of Twilio are one conversation', async () => {
		const twilio = await startTwilio();
		try {
			bench.credentials[twilio.credential.type] = twilio.credential.data as never;
			const { accountSid, authToken } = twilio.credential.data as Record<string, string>;
			const url = `https://n8n.example.com/webhook/${bench.workflowId}/conversation%20opened%20trigger/webhook`;
			const request = (id: string) => {
				const fields: Record<string, string> = {
					AccountSid: accountSid!,
					MessageSid: `SM${id.padStart(32, '0')}`,
					From: '+966500000055',
					To: '+12025550100',
					Body: `مرحبا ${id}`,
					SmsStatus: 'received',
				};
				const signed = Object.keys(fields)
					.sort()
					.reduce((text, name) => text + name + fields[name], url);
				return posted(new URLSearchParams(fields).toString(), {
					'content-type': 'application/x-www-form-urlencoded',
					'x-twilio-signature': createHmac('sha1', authToken!.split(',')[0]!)
						.update(signed)
						.digest('base64'),
				});
			};
			const answers = await at('twilio', [request('1'), request('2')]);
			expect(answers.map(({ answer }) => answer.status)).toEqual([200, 200]);
			expect(await counts()).toEqual({ contacts: 1, messages: 2, open: 1 });
		} finally {
			await twilio.close();
		}
	});
});
