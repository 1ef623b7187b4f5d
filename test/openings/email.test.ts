import fc from 'fast-check';
import { mapEmail } from '../../nodes/openings/email';
import { expectSoundMapping, ignored, itemOf, NOW, openingIn, refused, samples } from './support';

const MAILBOX = 'support@example.com';
const SETTINGS = {
	mailbox: MAILBOX,
	ownAddresses: '',
	takeMailingLists: false,
	includeSubject: true,
};
const map = (json: unknown, settings: Partial<typeof SETTINGS> = {}, files = itemOf({}).files) =>
	mapEmail(itemOf(json, files), { ...SETTINGS, ...settings });

/** As Email Trigger (IMAP) gives it in the format Simple. */
const simple = (metadata: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
	textPlain: 'Where is my order?\n',
	textHtml: '<p>Where is my order?</p>',
	metadata: { 'message-id': '<m-1@mail.example.com>', ...metadata },
	attributes: { uid: 873 },
	date: 'Thu, 01 Jan 2026 13:00:00 +0200',
	from: '"Jane Doe" <Jane@Example.com>',
	subject: 'My order',
	to: MAILBOX,
	...more,
});

/** In the format Resolved, where each header is its whole line. */
const resolved = (headers: Record<string, string> = {}, more: Record<string, unknown> = {}) => ({
	headers: {
		from: 'From: Jane Doe <jane@example.com>',
		'message-id': 'Message-ID: <m-1@mail.example.com>',
		...headers,
	},
	text: 'Where is my order?\n',
	html: '<p>Where is my order?</p>',
	subject: 'My order',
	date: '2026-01-01T11:00:00.000Z',
	from: { value: [{ address: 'Jane@Example.com', name: 'Jane Doe' }], text: '…' },
	messageId: '<m-1@mail.example.com>',
	attributes: { uid: 873 },
	...more,
});

const OPENING = {
	channel: 'email',
	account: MAILBOX,
	contact: {
		identities: [{ channel: 'email', account: MAILBOX, id: 'jane@example.com' }],
		name: 'Jane Doe',
		email: 'jane@example.com',
	},
	reply: { to: 'jane@example.com' },
	message: {
		id: '<m-1@mail.example.com>',
		type: 'text',
		text: 'My order\n\nWhere is my order?\n',
		attachments: [],
		sentAt: Date.UTC(2026, 0, 1, 11),
	},
};

describe('a mail', () => {
	it('opens, read from either format', () => {
		expect(map(simple())).toEqual([{ opening: OPENING }]);
		expect(map(resolved())).toEqual([{ opening: OPENING }]);
		// Node versions before 2.2 leave the date an object.
		expect(map(resolved({}, { date: new Date(OPENING.message.sentAt) }))).toEqual([
			{ opening: OPENING },
		]);
		expect(map(simple(), { mailbox: ' Support@Example.com ' })).toEqual([{ opening: OPENING }]);
	});

	it('is a message of an earlier one when it answers it', () => {
		const text = 'Where is my order?\n';
		for (const mail of [
			simple({ 'in-reply-to': '<m-0@x>', references: '<m--1@x> <m-0@x>' }),
			simple({ references: '<m--1@x>\r\n <m-0@x>' }),
			resolved({}, { inReplyTo: '<m-0@x>', references: '<m-0@x>' }),
			resolved({}, { references: ['<m--1@x>', '<m-0@x>'] }),
			resolved({ 'in-reply-to': 'In-Reply-To: <m-0@x>' }),
		]) {
			expect(openingIn(map(mail)).message).toMatchObject({
				text,
				details: { replyToMessageId: '<m-0@x>' },
			});
		}
	});

	it('keeps its text as it was written, and chooses the plain one', () => {
		const textPlain = ' مرحبا 🙏\r\n> Am Montag schrieb Nathan:\r\n> Hello\r\n';
		const text = openingIn(map(simple({}, { textPlain }), { includeSubject: false })).message?.text;
		expect(text).toBe(textPlain);
	});

	it('reads the HTML where there is no plain text, and the subject where there is none', () => {
		const html = simple({}, { textPlain: '\r\n', textHtml: '<p>مرحبا <b>بكم</b></p>' });
		expect(openingIn(map(html)).message?.text).toBe('My order\n\nمرحبا بكم');
		const empty = simple({}, { textPlain: undefined, textHtml: '<img src="x">' });
		expect(openingIn(map(empty)).message?.text).toBe('My order');
		const nothing = simple({}, { textPlain: '', textHtml: '', subject: '' });
		expect(openingIn(map(nothing)).message).toMatchObject({ type: 'text', text: '' });
	});

	it('reads words beyond ASCII in the subject and the name', () => {
		const mail = simple(
			{},
			{ subject: '=?UTF-8?B?2KPZhdmE?=', from: '=?UTF-8?B?2KPZhdmE?= <a@example.com>' },
		);
		expect(openingIn(map(mail))).toMatchObject({
			contact: { name: 'أمل' },
			message: { text: 'أمل\n\nWhere is my order?\n' },
		});
	});

	it('says where its files are in the item', () => {
		const files = [{ key: 'attachment_0', fileName: 'bill.pdf', mimeType: 'application/pdf' }];
		expect(openingIn(map(simple(), {}, files)).message).toMatchObject({
			type: 'text',
			attachments: [
				{
					type: 'document',
					fileName: 'bill.pdf',
					mimeType: 'application/pdf',
					details: { binary: 'attachment_0' },
				},
			],
		});
		const alone = simple({}, { textPlain: '', textHtml: '', subject: '' });
		expect(openingIn(map(alone, {}, files)).message).toMatchObject({
			type: 'document',
			text: '[document]',
		});
	});

	it('is answered where it asks for it; the sender stays who it is', () => {
		for (const mail of [
			simple({ 'reply-to': 'Jane <jane@home.example>' }),
			resolved({}, { replyTo: { value: [{ address: 'jane@home.example' }] } }),
			resolved({ 'reply-to': 'Reply-To: jane@home.example' }),
		]) {
			expect(openingIn(map(mail))).toEqual({ ...OPENING, reply: { to: 'jane@home.example' } });
		}
		// Otherwise the answer would come back here.
		expect(openingIn(map(simple({ 'reply-to': MAILBOX })))).toEqual(OPENING);
	});

	it('without a Message-ID is known by what it says', () => {
		const idOf = (more: Record<string, unknown> = {}) =>
			openingIn(map(simple({ 'message-id': undefined }, more))).message?.id;
		expect(idOf()).toMatch(/^mail-[0-9a-f]{64}$/);
		expect(idOf({ attributes: { uid: 5 } })).toBe(idOf());
		for (const other of [{ textPlain: 'x' }, { subject: 'x' }, { from: 'x@y.z' }, { date: '5' }]) {
			expect(idOf(other)).not.toBe(idOf());
		}
		expect(idOf({ date: undefined })).toBeUndefined();
		expect(openingIn(map(simple({ 'message-id': 'x'.repeat(2000) }))).message?.id).toMatch(
			/^mail-[0-9a-f]{64}$/,
		);
	});

	it('was sent now when its date cannot be read', () => {
		for (const date of [undefined, 'soon', 5, null]) {
			expect(openingIn(map(simple({}, { date }))).message?.sentAt).toBe(NOW);
		}
	});
});

describe('a mail that must never open', () => {
	const headers: Array<[string, string, string, RegExp]> = [
		['out of office', 'auto-submitted', 'auto-replied (vacation)', /Auto-Submitted/],
		['a notice', 'auto-submitted', 'Auto-Generated; x=y', /Auto-Submitted/],
		['an old answering machine', 'x-autoreply', 'yes', /x-autoreply/],
		['another one', 'x-autorespond', 'Out of office', /x-autorespond/],
		['mass mail', 'precedence', 'bulk', /mass mailing/],
		['junk', 'precedence', 'Junk', /mass mailing/],
		['an answer by a program', 'precedence', 'auto_reply', /automatic answer/],
		['a list', 'precedence', 'list', /mailing list/],
		['a list by its name', 'list-id', 'News <news.example.com>', /mailing list/],
		['a bounce', 'return-path', '<>', /bounce/],
		[
			'a delivery report',
			'content-type',
			'multipart/report; report-type=delivery-status; boundary="x"',
			/report about/,
		],
		['who could not be reached', 'x-failed-recipients', 'a@b.c', /could not be reached/],
	];

	it.each(headers)('%s', (_what, name, value, reason) => {
		expect(map(simple({ [name]: value }))).toEqual(ignored(reason));
		expect(map(resolved({ [name]: `${name.toUpperCase()}: ${value}` }))).toEqual(ignored(reason));
		expect(map(resolved({ [name]: `${name}:\r\n ${value}` }))).toEqual(ignored(reason));
	});

	it.each([
		['auto-submitted', 'no'],
		['precedence', 'first-class'],
		['return-path', '<jane@example.com>'],
		['content-type', 'multipart/alternative; boundary="multipart/report"'],
		['list-id', ' '],
	])('but one with %s: %s may', (name, value) => {
		expect(openingIn(map(simple({ [name]: value })))).toEqual(OPENING);
		expect(openingIn(map(resolved({ [name]: `${name}: ${value}` })))).toEqual(OPENING);
	});

	it('from a mail server', () => {
		for (const from of [
			'Mail Delivery System <MAILER-DAEMON@mx.example.com>',
			'postmaster@example.org',
			'bounces+5-jane=example.com@lists.example.org',
		]) {
			expect(map(simple({}, { from }))).toEqual(ignored(/bounce/));
		}
		expect(openingIn(map(simple({}, { from: 'postmasters@example.com' })))).toBeDefined();
	});

	it('from an address of one’s own', () => {
		const mine = { from: 'Support <SUPPORT@example.com>' };
		expect(map(simple({}, mine))).toEqual(
			ignored(/^The mail comes from an address of your own\.$/),
		);
		const settings = { ownAddresses: 'info@example.com, Jane@example.com' };
		expect(map(simple(), settings)).toEqual(ignored(/address of your own/));
		// A contact form that sends in the name of the mailbox.
		expect(map(simple({ 'reply-to': 'amal@example.com' }, mine))).toEqual(ignored(/contact forms/));
		expect(map(resolved({}, { labelIds: ['SENT'] }))).toEqual(ignored(/written in this mailbox/));
	});

	it('of nobody', () => {
		expect(map(simple({}, { from: 'undisclosed-recipients:;' }))).toEqual(ignored(/no sender/));
	});

	it('but a list does where the mailbox is one', () => {
		const list = { 'list-id': '<support.example.com>', precedence: 'list' };
		expect(openingIn(map(simple(list), { takeMailingLists: true }))).toEqual(OPENING);
		const bulk = simple({ ...list, precedence: 'bulk' });
		expect(map(bulk, { takeMailingLists: true })).toEqual(ignored(/mass mailing/));
	});
});

describe('what the operator has to change', () => {
	it.each([
		[{ raw: 'txt' }, 'format Raw', "'Resolved' or 'Simple'"],
		[{ From: 'a <a@b.c>', To: 'x', snippet: 'Hello' }, 'Gmail Trigger', "Turn off 'Simplify'"],
		[{ subject: 'x' }, 'it has no sender', 'behind Email Trigger'],
		[{ from: 'a@b.c', bodyPreview: 'Hello' }, 'no headers', "'Input' to 'Fields'"],
	])('%j', (json, sentence, hint) => expect(map(json)).toEqual(refused(sentence, hint)));

	it('the mailbox', () => {
		expect(map(simple(), { mailbox: ' ' })).toEqual(refused("'Mailbox' is empty", 'write to'));
		expect(map(simple(), { mailbox: 'support' })).toEqual(refused('is not an e-mail', 'write to'));
	});
});

describe('any item', () => {
	it('is read, ignored or refused', () => {
		const any = fc.oneof(fc.jsonValue(), fc.constant('a <a@b.c>'), fc.constant('<x@y>'));
		const keys = Object.keys({
			...simple(),
			...resolved(),
			inReplyTo: 1,
			references: 1,
			labelIds: 1,
		});
		const names = ['message-id', 'auto-submitted', 'precedence', 'references', 'reply-to'];
		fc.assert(
			fc.property(
				fc.constantFrom(simple(), resolved()),
				fc.constantFrom(...keys),
				fc.constantFrom(...names),
				any,
				(mail, key, name, value) => {
					expectSoundMapping(map({ ...mail, [key]: value }));
					expectSoundMapping(map({ ...mail, metadata: { [name]: value } }));
					expectSoundMapping(map({ ...mail, headers: { [name]: value } }));
				},
			),
		);
	});
});

const OPENS: Record<string, number> = {
	'n8n_imap_raw.json': 0,
	'n8n_imap_resolved.json': 1,
	'n8n_imap_simple.json': 1,
};
const bodies = samples('email');
if (bodies.length > 0) {
	describe('sample items of Email Trigger (IMAP)', () => {
		it('are all known', () => {
			expect(bodies.map(({ file }) => file).sort()).toEqual(Object.keys(OPENS).sort());
		});

		it.each(bodies)('$file', ({ file, json }) => {
			const mapped = map(json);
			expectSoundMapping(mapped);
			expect(mapped.filter((each) => 'opening' in each)).toHaveLength(OPENS[file]!);
			if (OPENS[file] === 1) {
				expect(openingIn(mapped)).toMatchObject({
					contact: { name: 'Jane Doe', identities: [{ id: 'jane@example.com' }] },
					message: {
						id: '<CA+abc123@mail.example.com>',
						sentAt: Date.UTC(2026, 7, 24, 8, 15),
					},
				});
			}
		});
	});
}
