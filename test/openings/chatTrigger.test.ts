import fc from 'fast-check';
import { mapChatTrigger } from '../../nodes/openings/chatTrigger';
import { expectSoundMapping, ignored, itemOf, NOW, openingIn, refused, samples } from './support';

const SESSION = '2f6e1c3a-6a1e-4c7e-9d55-0a3a5b1f7c10';
const map = (json: unknown, files?: Parameters<typeof itemOf>[1], account: unknown = 'default') =>
	mapChatTrigger(itemOf(json, files), { account });

describe('an item of Chat Trigger', () => {
	it('opens with the session and what was written', () => {
		const text = ' مرحبا 👋\nعندي سؤال ';
		const json = { action: 'sendMessage', sessionId: SESSION, chatInput: text };
		expect(map(json, [], 'shop')).toEqual([
			{
				opening: {
					channel: 'webchat',
					account: 'shop',
					contact: { identities: [{ channel: 'webchat', account: 'shop', id: SESSION }] },
					reply: { to: SESSION },
					message: { type: 'text', text, attachments: [], sentAt: NOW },
				},
			},
		]);
	});

	it('takes what the page says about the visitor for details, never for an identity', () => {
		const metadata = {
			username: 'jane',
			full_name: 'Jane Doe',
			email: 'jane@example.com',
			phone: '+12025550143',
			locale: 'ar',
			company: 'acme',
		};
		const { contact } = openingIn(map({ sessionId: 's', chatInput: 'Hello', metadata }));
		expect(contact).toEqual({
			identities: [{ channel: 'webchat', account: 'default', id: 's' }],
			name: 'Jane Doe',
			email: 'jane@example.com',
			phone: '+12025550143',
			language: 'ar',
		});
		expect(
			openingIn(map({ sessionId: 's', chatInput: 'x', metadata: { username: 'jane' } })).contact,
		).toMatchObject({ name: 'jane' });
	});

	it('opens with files alone, and says where in the item they are', () => {
		const json = { sessionId: 's', chatInput: '', files: [{ fileName: 'a.png' }] };
		const files = [
			{ key: 'data0', fileName: 'صورة.png', mimeType: 'image/png' },
			{ key: 'data1', fileName: 'b.pdf', mimeType: 'application/pdf' },
		];
		expect(openingIn(map(json, files)).message).toEqual({
			type: 'image',
			text: '[image]',
			attachments: [
				{
					type: 'image',
					fileName: 'صورة.png',
					mimeType: 'image/png',
					details: { binary: 'data0' },
				},
				{
					type: 'document',
					fileName: 'b.pdf',
					mimeType: 'application/pdf',
					details: { binary: 'data1' },
				},
			],
			sentAt: NOW,
		});
		const listed = { sessionId: 's', files: [{ fileName: 'a.ogg', mimeType: 'audio/ogg' }, 5] };
		expect(openingIn(map(listed)).message).toMatchObject({
			text: '[audio]',
			attachments: [{ type: 'audio', fileName: 'a.ogg', mimeType: 'audio/ogg' }],
		});
	});

	it('opens nothing when the page only loads, or nothing was sent', () => {
		const load = { action: 'loadPreviousSession', sessionId: SESSION, chatInput: 'x' };
		expect(map(load)).toEqual(ignored(/earlier messages/));
		for (const chatInput of [undefined, null, '', '  ', 5]) {
			expect(map({ sessionId: SESSION, chatInput })).toEqual(ignored(/neither a text nor a file/));
		}
	});

	it.each([undefined, null, '', ' ', {}, 'x'.repeat(600)])(
		'says what is missing without a session (%j)',
		(sessionId) => {
			expect(map({ sessionId, chatInput: 'Hello' })).toEqual(
				refused('no session ID', 'behind a Chat Trigger'),
			);
		},
	);

	it('takes anything', () => {
		const any = fc.record(
			{
				action: fc.jsonValue(),
				sessionId: fc.jsonValue(),
				chatInput: fc.jsonValue(),
				metadata: fc.jsonValue(),
				files: fc.jsonValue(),
			},
			{ requiredKeys: [] },
		);
		fc.assert(
			fc.property(any, fc.jsonValue(), (json, to) => expectSoundMapping(map(json, [], to))),
		);
	});
});

const OPENS: Record<string, number> = {
	'n8n_chat_load_previous_session.json': 0,
	'n8n_chat_send_message.json': 1,
	'n8n_chat_send_message_with_metadata.json': 1,
};
const bodies = samples('webchat');
if (bodies.length > 0) {
	describe('sample items of the web chat', () => {
		it('are all known', () => {
			expect(bodies.map(({ file }) => file).sort()).toEqual(Object.keys(OPENS).sort());
		});

		it.each(bodies)('$file', ({ file, json }) => {
			const mapped = map(json);
			expectSoundMapping(mapped);
			expect(mapped.filter((each) => 'opening' in each)).toHaveLength(OPENS[file]!);
		});
	});
}
