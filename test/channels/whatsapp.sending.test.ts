import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChannelError } from '../../nodes/channels/errors';
import type { OutboundMessage, Recipient, SendTools } from '../../nodes/channels/sending';
import { whatsapp } from '../../nodes/channels/whatsapp';
import { caller } from '../standins/caller';
import { startWhatsApp, type WhatsAppStandIn } from '../standins/whatsapp';
import { NOW, requestOf } from './requests';

const sending = whatsapp.sending!;
const PHONE = '966500000001';
const USER_ID = 'SA.13491208655302741918';
const ARABIC = 'مرحباً سارة 👋🏽\n‏طلبك «#42» جاهز: https://example.com/ط?a=1&b=2  ';

let cloud: WhatsAppStandIn;
beforeEach(async () => {
	cloud = await startWhatsApp();
	cloud.wrote(`+${PHONE}`);
	cloud.wrote(USER_ID);
});
afterEach(() => cloud.close());

const recipient = (more: Partial<Recipient> = {}): Recipient => ({
	account: cloud.account.phoneNumberId,
	to: PHONE,
	context: {},
	lastInboundAt: NOW,
	...more,
});

function tools(more: Record<string, unknown> = {}): SendTools {
	const settings = { ...cloud.credential.data, ...more };
	const Authorization = `Bearer ${String(settings.accessToken)}`;
	return {
		call: caller(
			(call) => ({ ...call, headers: { ...call.headers, Authorization } }),
			whatsapp.retryAfter,
		),
		settings,
		now: NOW,
		key: randomUUID(),
	};
}

const send = (message: Partial<OutboundMessage>, to = recipient(), more = {}) =>
	sending.send({ text: '', ...message }, to, tools(more));

const failureOf = async (sent: Promise<unknown>): Promise<ChannelError> =>
	await sent.then(
		() => {
			throw new Error('It was sent');
		},
		(error: ChannelError) => error,
	);

const buttons = (count: number) =>
	Array.from({ length: count }, (_, i) => ({ id: `choice-${i}`, title: `خيار ${i}` }));

const file = (name: string, mimeType: string, bytes = Buffer.from([0, 255, 10, 13])) => ({
	name,
	mimeType,
	bytes,
});

describe('a WhatsApp message', () => {
	it('goes out as it was written, and gives the ID that statuses name', async () => {
		const sent = await send({ text: ARABIC });
		expect(sent).toEqual({ id: cloud.messages[0]?.id, status: 'sent' });
		expect(cloud.messages[0]?.body).toEqual({
			messaging_product: 'whatsapp',
			recipient_type: 'individual',
			to: `+${PHONE}`,
			type: 'text',
			text: { body: ARABIC, preview_url: true },
		});
		expect(cloud.received[0]?.rawBody.includes(Buffer.from(JSON.stringify(ARABIC)))).toBe(true);
	});

	it('asks for a preview only where there is a link', async () => {
		await send({ text: 'example.com' });
		expect(cloud.messages[0]?.body.text).toEqual({ body: 'example.com', preview_url: false });
	});

	it('has the field of its own for a user ID', async () => {
		await send({ text: 'hello' }, recipient({ to: USER_ID }));
		expect(cloud.messages[0]?.body).toMatchObject({ recipient: USER_ID });
		expect(cloud.messages[0]?.body).not.toHaveProperty('to');
	});

	it('quotes an earlier message', async () => {
		await send({ text: 'this one', replyToMessageId: 'wamid.IN1==' });
		expect(cloud.messages[0]?.body.context).toEqual({ message_id: 'wamid.IN1==' });
	});

	it('leaves from the number that the contact wrote to, else from the one of the credential', async () => {
		const other = await failureOf(send({ text: 'x' }, recipient({ account: '990000000000009' })));
		expect(other.failure).toBe('notFound');
		expect(cloud.received[0]?.path).toBe('/v25.0/990000000000009/messages');
		await send({ text: 'x' }, recipient({ account: '' }));
		expect(cloud.received[1]?.path).toBe(`/v25.0/${cloud.account.phoneNumberId}/messages`);
	});

	it.each([
		['no number', ''],
		['a path', '1/../me'],
		['the phone number itself', '+966500000009'],
	])('calls nobody with %s to send from', async (_what, phoneNumberId) => {
		const error = await failureOf(
			send({ text: 'x' }, recipient({ account: '' }), { phoneNumberId }),
		);
		expect(error).toMatchObject({
			failure: 'rejected',
			hint: expect.stringContaining('Phone Number ID'),
		});
		expect(cloud.received).toEqual([]);
	});

	it('calls nobody for a recipient that WhatsApp cannot have', async () => {
		const error = await failureOf(send({ text: 'x' }, recipient({ to: 'someone' })));
		expect(error.failure).toBe('notFound');
		expect(cloud.received).toEqual([]);
	});

	it('finds the Graph API itself where the credential has no Base URL', async () => {
		const urls: string[] = [];
		const call: SendTools['call'] = async ({ url }) => {
			urls.push(url);
			return { status: 200, headers: {}, body: { messages: [{ id: 'wamid.1' }] } };
		};
		for (const baseUrl of [undefined, '', ' https://gateway.example.com/v25.0/ ']) {
			await sending.send({ text: 'x' }, recipient(), { ...tools({ baseUrl }), call });
		}
		expect(urls).toEqual([
			'https://graph.facebook.com/v25.0/106540352242922/messages',
			'https://graph.facebook.com/v25.0/106540352242922/messages',
			'https://gateway.example.com/v25.0/106540352242922/messages',
		]);
	});

	it('puts no secret into an address or a body', async () => {
		await send({ text: 'x', media: { type: 'image', file: file('a.png', 'image/png') } });
		for (const { path, query, rawBody } of cloud.received) {
			const seen = `${path} ${JSON.stringify(query)} ${rawBody.toString('latin1')}`;
			expect(seen).not.toContain(cloud.credential.data.accessToken);
			expect(seen).not.toContain(cloud.credential.data.appSecret);
		}
	});
});

describe('a file on WhatsApp', () => {
	it.each(['image', 'video', 'audio', 'document'] as const)(
		'goes by its address: %s',
		async (type) => {
			const url = 'https://example.com/files/a?size=1';
			await send({ media: { type, url } });
			expect(cloud.messages[0]?.body).toMatchObject({ type, [type]: { link: url } });
			expect(cloud.received).toHaveLength(1);
		},
	);

	it.each([
		['image', 'image/png'],
		['video', 'video/mp4'],
		['audio', 'audio/ogg'],
		['document', 'application/pdf'],
	] as const)('goes by its bytes: %s', async (type, mimeType) => {
		await send({ media: { type, file: file('فاتورة ٤٢.bin', mimeType) } });
		const [[id, stored] = []] = [...cloud.files];
		expect(stored).toEqual(file('فاتورة ٤٢.bin', mimeType));
		expect(cloud.messages[0]?.body[type]).toEqual(
			type === 'document' ? { id, filename: 'فاتورة ٤٢.bin' } : { id },
		);
	});

	it('has its caption, byte for byte', async () => {
		await send({ text: ARABIC, media: { type: 'image', url: 'https://example.com/a.jpg' } });
		expect(cloud.messages[0]).toMatchObject({
			text: ARABIC,
			body: { image: { caption: ARABIC } },
		});
	});

	it.each([
		['https://example.com/a/%D9%81%D8%A7%D8%AA%D9%88%D8%B1%D8%A9.pdf?x=1', 'فاتورة.pdf'],
		['https://example.com/a/report.final.docx#page', 'report.final.docx'],
		['https://example.com/a/download', undefined],
		['https://example.com/a/%E0%A4.pdf', undefined],
		['https://example.com/.pdf', undefined],
	])('is named after its address: %s', async (url, filename) => {
		await send({ media: { type: 'document', url } });
		expect((cloud.messages[0]?.body.document as { filename?: string }).filename).toBe(filename);
	});

	it('is not sent where Meta refuses it', async () => {
		const large = Buffer.alloc(5 * 1024 * 1024 + 1);
		const error = await failureOf(
			send({ media: { type: 'image', file: file('a.png', 'image/png', large) } }),
		);
		expect(error).toMatchObject({ failure: 'rejected', providerCode: '131053' });
		expect(cloud.messages).toEqual([]);
	});

	it('is uploaded again after a fault, since nobody sees a second copy', async () => {
		cloud.answerNext({ status: 500, body: { error: { code: 2 } } }, 1, ({ path }) =>
			path.endsWith('/media'),
		);
		await send({ media: { type: 'image', file: file('a.png', 'image/png') } });
		expect(cloud.files.size).toBe(1);
		expect(cloud.messages).toHaveLength(1);
	});

	it('says that nothing was sent where Meta gives no ID for it', async () => {
		cloud.answerNext({ body: {} });
		const error = await failureOf(
			send({ media: { type: 'image', file: file('a.png', 'image/png') } }),
		);
		expect(error).toMatchObject({
			failure: 'unavailable',
			message: expect.stringContaining('nothing was sent'),
		});
	});
});

describe('buttons on WhatsApp', () => {
	it.each([1, 3])('are buttons up to three: %i', async (count) => {
		await send({ text: ARABIC, buttons: buttons(count) });
		expect(cloud.messages[0]).toMatchObject({
			text: ARABIC,
			body: {
				interactive: {
					type: 'button',
					body: { text: ARABIC },
					action: { buttons: buttons(count).map((reply) => ({ type: 'reply', reply })) },
				},
			},
		});
	});

	it.each([4, 10])('are a list from four on: %i', async (count) => {
		await send({ text: 'ا'.repeat(4096), buttons: buttons(count) });
		expect(cloud.messages[0]?.body.interactive).toMatchObject({
			type: 'list',
			action: { sections: [{ rows: buttons(count) }] },
		});
	});

	it('stand under a file', async () => {
		const media = { type: 'document' as const, file: file('a.pdf', 'application/pdf') };
		await send({ text: 'Choose', media, buttons: buttons(2) });
		expect(cloud.messages[0]?.body.interactive).toMatchObject({
			header: { type: 'document', document: { id: '770000000000001', filename: 'a.pdf' } },
		});
	});

	it('open a page', async () => {
		const url = 'https://example.com/pay?id=42';
		await send({ text: 'Pay', buttons: [{ id: 'pay', title: 'ادفع الآن', url }] });
		expect(cloud.messages[0]?.body.interactive).toEqual({
			type: 'cta_url',
			body: { text: 'Pay' },
			action: { name: 'cta_url', parameters: { display_text: 'ادفع الآن', url } },
		});
	});
});

describe('a template of WhatsApp', () => {
	const template = (more: Partial<NonNullable<OutboundMessage['template']>> = {}) => ({
		template: { name: 'order_ready', language: 'ar', parameters: [], ...more },
	});

	it('takes its values in order, after the window has closed', async () => {
		cloud.templates.set('order_ready', { language: 'ar', parameters: 2 });
		cloud.pass(48 * 60 * 60 * 1000);
		await send(template({ parameters: [{ value: 'سارة 👋' }, { value: '42' }] }));
		expect(cloud.messages[0]?.body).toMatchObject({
			type: 'template',
			template: {
				name: 'order_ready',
				language: { code: 'ar' },
				components: [
					{
						type: 'body',
						parameters: [
							{ type: 'text', text: 'سارة 👋' },
							{ type: 'text', text: '42' },
						],
					},
				],
			},
		});
	});

	it('takes its values by name', async () => {
		cloud.templates.set('order_ready', { language: 'ar', parameters: ['name'] });
		await send(template({ parameters: [{ name: 'name', value: 'سارة' }] }));
		expect(cloud.messages[0]?.body.template).toMatchObject({
			components: [{ parameters: [{ type: 'text', parameter_name: 'name', text: 'سارة' }] }],
		});
	});

	it('needs no values', async () => {
		cloud.templates.set('order_ready', { language: 'ar', parameters: 0 });
		await send(template());
		expect(cloud.messages[0]?.body.template).toEqual({
			name: 'order_ready',
			language: { code: 'ar' },
		});
	});

	it('has a file at its top', async () => {
		cloud.templates.set('order_ready', { language: 'ar', parameters: 0, header: 'image' });
		const media = { type: 'image' as const, url: 'https://example.com/a.jpg' };
		await send({ ...template(), media });
		expect(cloud.messages[0]?.body.template).toMatchObject({
			components: [{ type: 'header', parameters: [{ type: 'image', image: { link: media.url } }] }],
		});
	});

	it.each([
		['another name', { name: 'other' }, 'notFound', '132001'],
		['another language', { language: 'en' }, 'notFound', '132001'],
		['too many values', { parameters: [{ value: '1' }, { value: '2' }] }, 'rejected', '132000'],
	])('is refused with %s', async (_what, change, failure, providerCode) => {
		cloud.templates.set('order_ready', { language: 'ar', parameters: 1 });
		const error = await failureOf(send(template({ parameters: [{ value: '1' }], ...change })));
		expect(error).toMatchObject({ failure, providerCode });
	});

	it('is not for who stopped marketing messages', async () => {
		cloud.templates.set('order_ready', { language: 'ar', parameters: 0, marketing: true });
		cloud.stopped.add(`+${PHONE}`);
		expect(await failureOf(send(template()))).toMatchObject({
			failure: 'optedOut',
			providerCode: '131050',
		});
	});
});

describe('what WhatsApp refuses', () => {
	it('an answer after 24 hours', async () => {
		cloud.pass(24 * 60 * 60 * 1000 + 1000);
		expect(await failureOf(send({ text: 'x' }))).toMatchObject({
			failure: 'windowClosed',
			providerCode: '131047',
			hint: expect.stringContaining('template'),
		});
	});

	it.each([
		['', '104'],
		['EAAG-old', '190'],
	])('the access token %j', async (accessToken, providerCode) => {
		expect(await failureOf(send({ text: 'x' }, recipient(), { accessToken }))).toMatchObject({
			failure: 'unauthorized',
			providerCode,
			hint: expect.stringContaining('access token'),
		});
	});

	it('what it says is told without a word of the message', async () => {
		const error = await failureOf(send({ text: 'ب'.repeat(4097) }));
		expect(error).toMatchObject({
			failure: 'rejected',
			message: expect.stringContaining("text['body'] is too long. Max length: 4096"),
		});
		expect(`${error.message} ${error.hint}`).not.toContain('ب');
	});

	it('too many calls: it waits and sends once', async () => {
		cloud.limitNext(2);
		await send({ text: 'x' });
		expect(cloud.received).toHaveLength(3);
		expect(cloud.messages).toHaveLength(1);
	});

	it('too many calls for minutes: it says when to try again', async () => {
		cloud.limitNext(1, 7);
		expect(await failureOf(send({ text: 'x' }))).toMatchObject({
			failure: 'rateLimited',
			providerCode: '130429',
			retryAfter: 7 * 60_000,
		});
		expect(cloud.received).toHaveLength(1);
	});

	it('a fault is not answered by a second message', async () => {
		cloud.answerNext({ status: 500, body: { error: { code: 131000, message: 'went wrong' } } });
		expect(await failureOf(send({ text: 'x' }))).toMatchObject({ failure: 'unavailable' });
		expect(cloud.received).toHaveLength(1);
	});

	it('a connection that breaks leaves it unclear, and the message is not sent again', async () => {
		cloud.hangUpNext();
		expect(await failureOf(send({ text: 'x' }))).toMatchObject({ failure: 'unclear' });
		expect(cloud.messages).toHaveLength(1);
	});

	it.each([
		['nothing', undefined],
		['a page', '<html>'],
		['no messages', { messages: [] }],
		['a message without an ID', { messages: [{}] }],
		['an ID that is none', { messages: [{ id: {} }] }],
	])('an answer with %s leaves it unclear', async (_what, body) => {
		cloud.answerNext({ body });
		expect(await failureOf(send({ text: 'x' }))).toMatchObject({
			failure: 'unclear',
			hint: expect.stringContaining('before you send it again'),
		});
	});

	it('where nobody listens, nothing was done', async () => {
		const closed = createServer().listen(0, '127.0.0.1');
		await new Promise((resolve) => closed.once('listening', resolve));
		const { port } = closed.address() as AddressInfo;
		await new Promise((resolve) => closed.close(resolve));
		const baseUrl = `http://127.0.0.1:${port}/v25.0`;
		expect(await failureOf(send({ text: 'x' }, recipient(), { baseUrl }))).toMatchObject({
			failure: 'unavailable',
		});
	});
});

describe('what is said before WhatsApp is asked', () => {
	const problem = (message: Partial<OutboundMessage>) =>
		sending.problem?.({ text: '', ...message }, recipient());
	const image = { type: 'image' as const, url: 'https://example.com/a.jpg' };
	const audio = { type: 'audio' as const, url: 'https://example.com/a.ogg' };
	const link = { id: 'l', title: 'Open', url: 'https://example.com' };
	const values = (...all: string[]) => ({
		template: { name: 't', language: 'en', parameters: all.map((value) => ({ value })) },
	});

	it.each<[string, Partial<OutboundMessage>, string]>([
		['nothing', {}, 'a text or a file'],
		['a text of spaces', { text: ' \n' }, 'a text or a file'],
		['a text beside audio', { text: 'x', media: audio }, 'no text beside an audio file'],
		['buttons alone', { buttons: buttons(1) }, 'needs a text'],
		['buttons under a file alone', { media: image, buttons: buttons(1) }, 'needs a text'],
		['two links', { text: 'x', buttons: [link, { ...link, id: 'm' }] }, 'only button'],
		['a link among others', { text: 'x', buttons: [link, ...buttons(1)] }, 'only button'],
		['a list under a file', { text: 'x', media: image, buttons: buttons(4) }, 'at most 3 buttons'],
		['a long text', { text: 'x'.repeat(1025), buttons: buttons(3) }, '1024 characters'],
		[
			'a long ID in a list',
			{ text: 'x', buttons: [...buttons(3), { id: 'i'.repeat(201), title: 'x' }] },
			'200 characters',
		],
		['an ID with a space', { text: 'x', buttons: [{ id: 'a ', title: 'A' }] }, 'space'],
		['an empty title', { text: 'x', buttons: [{ id: 'a', title: ' ' }] }, 'needs a title'],
		[
			'a title twice',
			{
				text: 'x',
				buttons: [
					{ id: 'a', title: 'A' },
					{ id: 'b', title: 'A ' },
				],
			},
			'title of its own',
		],
		['a text beside a template', { text: 'x', ...values() }, 'its own text'],
		['buttons with a template', { ...values(), buttons: buttons(1) }, 'part of the template'],
		['audio at its top', { ...values(), media: audio }, 'audio file at its top'],
		['an empty value', values('a', ' '), 'no empty value'],
		['a line break', values('a\nb'), 'line breaks'],
		['five spaces', values('a     b'), 'more than four spaces'],
		[
			'names and none',
			{
				template: {
					name: 't',
					language: 'en',
					parameters: [{ name: 'a', value: '1' }, { value: '2' }],
				},
			},
			'with names, or all without',
		],
	])('%s', (_what, message, sentence) => {
		expect(problem(message)).toContain(sentence);
	});

	it.each<[string, Partial<OutboundMessage>]>([
		['a text', { text: 'x'.repeat(4096) }],
		['a file without a caption', { media: image }],
		['audio', { media: audio }],
		['a list with a long text', { text: 'x'.repeat(4096), buttons: buttons(4) }],
		['a list of ten', { text: 'x', buttons: buttons(10) }],
		['1024 characters that take two units each', { text: '👋'.repeat(1024), buttons: buttons(1) }],
		['a link', { text: 'x', buttons: [link] }],
		['a template', values('a', 'b    c')],
	])('and not: %s', async (_what, message) => {
		cloud.templates.set('t', { language: 'en', parameters: 2 });
		expect(problem(message)).toBeUndefined();
		await expect(send(message)).resolves.toMatchObject({ status: 'sent' });
	});

	it('has the limits that WhatsApp enforces', async () => {
		const { text, caption, buttons: limit, media } = sending.limits;
		const long = (length: number) => ({ text: 'x'.repeat(length) });
		const titled = (length: number) => ({
			text: 'x',
			buttons: [{ id: 'a', title: 'x'.repeat(length) }],
		});
		const known = (length: number) => ({
			text: 'x',
			buttons: [{ id: 'x'.repeat(length), title: 'A' }],
		});
		for (const [most, message] of [
			[text, long],
			[caption ?? 0, (length: number) => ({ ...long(length), media: image })],
			[limit?.title ?? 0, titled],
			[limit?.id ?? 0, known],
			[limit?.most ?? 0, (count: number) => ({ text: 'x', buttons: buttons(count) })],
		] as Array<[number, (length: number) => Partial<OutboundMessage>]>) {
			await expect(send(message(most))).resolves.toMatchObject({ status: 'sent' });
			expect((await failureOf(send(message(most + 1)))).failure).toBe('rejected');
		}
		expect(Object.keys(media).sort()).toEqual(['audio', 'document', 'image', 'video']);
	});

	it('asks for the access token', () => {
		expect(sending.missingSettings({ accessToken: ' ' })).toEqual(['Access Token']);
		expect(sending.missingSettings({ accessToken: 'EAAG' })).toEqual([]);
	});

	it('knows the window of 24 hours, for templates afterwards, and no key that joins two tries', () => {
		expect(sending.window?.(recipient())).toMatchObject({ hours: 24, templatesAfter: true });
		expect(sending.idempotent).toBe(false);
	});
});

describe('a contact who never wrote', () => {
	const first = (phone: string, phoneNumberId: unknown = '106540352242922') =>
		sending.firstContact?.(phone, { phoneNumberId });

	it.each(['+966500000001', '+966 (50) 000-0001', '00966500000001'])('is found by %s', (phone) => {
		expect(first(phone)).toEqual({
			account: '106540352242922',
			to: PHONE,
			context: {},
			lastInboundAt: null,
		});
	});

	it.each(['', '+12', '0500000001', '966500000001', '+966 50 0000 ext 1'])(
		'is not found by %s',
		(phone) => {
			expect(first(phone)).toBeUndefined();
		},
	);

	it('needs the number to send from', () => {
		expect(first('+966500000001', ' ')).toBeUndefined();
	});

	it('gets a template, and nothing else', async () => {
		cloud.templates.set('hello', { language: 'en', parameters: 0 });
		const who = first('+4915112345678')!;
		expect((await failureOf(send({ text: 'x' }, who))).failure).toBe('windowClosed');
		const template = { name: 'hello', language: 'en', parameters: [] };
		await expect(send({ template }, who)).resolves.toMatchObject({ status: 'sent' });
	});
});

describe('the stand-in of WhatsApp', () => {
	/** A webhook of n8n: what it was posted, verified and read by the channel. */
	async function listening(act: (url: string) => Promise<unknown>) {
		const found: unknown[] = [];
		const server = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const rawBody = Buffer.concat(chunks);
				const posted = { ...requestOf(rawBody), headers: request.headers };
				const { appSecret } = cloud.account;
				expect(rawBody.every((byte) => byte < 0x80)).toBe(true);
				expect(whatsapp.verify(posted, { appSecret })).toEqual({ ok: true });
				expect(whatsapp.verify(posted, { appSecret: 'another' }).ok).toBe(false);
				const { messages, notices = [] } = whatsapp.parse(posted, {});
				found.push(...messages, ...notices);
				response.end('{}');
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
		await new Promise((resolve) => server.close(resolve));
		return found;
	}

	it('posts what a customer writes, and delivers the answer to it', async () => {
		const [message] = (await listening(async (url) => {
			const answer = await cloud.customerWrites(url, {
				from: '7',
				id: '1',
				text: ARABIC,
				name: 'سارة',
			});
			expect(answer.status).toBe(200);
		})) as Array<{ account: string; text: string; contact: { replyTo: string; name: string } }>;
		expect(message).toMatchObject({ text: ARABIC, contact: { name: 'سارة' } });
		const to = message?.contact.replyTo ?? '';
		await send({ text: 'أهلاً' }, recipient({ account: message?.account ?? '', to }));
		expect(cloud.delivered('7')).toEqual(['أهلاً']);
		expect(cloud.delivered('8')).toEqual([]);
	});

	it('posts what became of a message, by the ID that sending gave', async () => {
		const { id } = await send({ text: 'x' });
		const notices = await listening((url) => cloud.tellStatus(url, id, 'delivered'));
		expect(notices).toMatchObject([{ kind: 'status', id, status: 'delivered' }]);
	});
});
