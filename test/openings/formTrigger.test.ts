import fc from 'fast-check';
import { mapFormTrigger, type FormSettings } from '../../nodes/openings/formTrigger';
import { expectSoundMapping, itemOf, NOW, openingIn, refused } from './support';

const FOUND: FormSettings = {
	account: 'default',
	emailField: '',
	phoneField: '',
	nameField: '',
	messageField: '',
};
const ADDED = { submittedAt: '2026-01-01T13:00:00.000+02:00', formMode: 'production' };
const map = (
	fields: Record<string, unknown>,
	settings: Partial<FormSettings> = {},
	files = itemOf({}).files,
) => mapFormTrigger(itemOf({ ...fields, ...ADDED }, files), { ...FOUND, ...settings });

describe('a submission of a form', () => {
	it('opens with the fields that are found by their labels', () => {
		const fields = {
			'Your name': 'Jane Doe',
			'Your e-mail': ' Jane@Example.com ',
			'Phone number': '+1 (202) 555-0143',
			Topic: 'Billing',
			Message: ' Where is my\norder? ',
		};
		expect(map(fields, { account: 'contact-form' })).toEqual([
			{
				opening: {
					channel: 'form',
					account: 'contact-form',
					contact: {
						identities: [{ channel: 'form', account: 'contact-form', id: 'jane@example.com' }],
						name: 'Jane Doe',
						email: 'jane@example.com',
						phone: '+12025550143',
					},
					reply: { to: 'jane@example.com' },
					message: {
						id: expect.stringMatching(/^form-[0-9a-f]{64}$/),
						type: 'text',
						text: ' Where is my\norder? ',
						attachments: [],
						sentAt: Date.UTC(2026, 0, 1, 11),
					},
				},
			},
		]);
	});

	it('reads Arabic labels and digits', () => {
		const fields = {
			الاسم: 'أمل',
			'رقم الجوال': '٠٥٠٠٠٠٠٠٠١',
			'اكتب رسالتك أو استفسارك': 'متى يصل طلبي؟ 📦',
		};
		expect(openingIn(map(fields))).toMatchObject({
			contact: {
				identities: [{ id: '0500000001' }],
				name: 'أمل',
				phone: '0500000001',
			},
			message: { text: 'متى يصل طلبي؟ 📦' },
		});
	});

	it('puts first and last name together, and takes no company for a person', () => {
		const fields = { 'Company name': 'Acme', 'Last name': 'Doe', 'First name': 'Jane', M: 'j@d.c' };
		expect(openingIn(map(fields)).contact.name).toBe('Jane Doe');
		expect(openingIn(map({ 'Company name': 'Acme', Email: 'j@d.c' })).contact.name).toBeUndefined();
	});

	it('takes the longest of several fields that may be the message', () => {
		const fields = {
			Email: 'j@d.c',
			'Kind of question': 'Billing',
			Comments: 'I was billed twice',
		};
		expect(openingIn(map(fields)).message?.text).toBe('I was billed twice');
	});

	it('writes down all fields when none is the message', () => {
		const fields = { Email: 'j@d.c', Topic: 'Billing', Days: ['Mon', 'Tue'], Count: 3, Ok: true };
		expect(openingIn(map(fields)).message?.text).toBe(
			'Topic: Billing\nDays: Mon, Tue\nCount: 3\nOk: true',
		);
	});

	it('takes the fields that the operator names', () => {
		const fields = {
			Email: 'private@example.com',
			'Work email': 'work@example.com',
			Name: 'Acme',
			Who: 'Jane',
			Mobile: '+12025550143',
			Fax: '+12025550144',
			Message: 'not this',
			Details: 'this',
		};
		const settings = {
			emailField: 'Work email',
			phoneField: 'Fax',
			nameField: ' Who ',
			messageField: 'Details',
		};
		expect(openingIn(map(fields, settings))).toMatchObject({
			contact: { email: 'work@example.com', phone: '+12025550144', name: 'Jane' },
			message: { text: 'this' },
		});
		expect(map(fields, { emailField: 'E-Mail' })).toEqual(
			refused("The form has no field 'E-Mail'", 'as the form shows it'),
		);
		expect(map(fields, { nameField: 'constructor' })).toEqual(refused('no field', 'label'));
	});

	it('is the same message when the flow is run again, and another when it is filled in again', () => {
		const id = (fields: Record<string, unknown>) => openingIn(map(fields)).message?.id;
		expect(id({ Email: 'j@d.c', A: 1 })).toBe(id({ Email: 'j@d.c', A: 1 }));
		expect(id({ Email: 'j@d.c', A: 1 })).not.toBe(id({ Email: 'j@d.c', A: 2 }));
	});

	it('takes the user of a form behind a login', () => {
		const user = { id: '1', email: 'Jane@example.com', firstName: 'Jane', lastName: 'Doe' };
		expect(openingIn(map({ Question: 'Why?', user }))).toMatchObject({
			contact: { identities: [{ id: 'jane@example.com' }], name: 'Jane Doe' },
			message: { text: 'Why?' },
		});
	});

	it('lists its files', () => {
		const files = [{ key: 'Photo', fileName: 'a.png', mimeType: 'image/png' }];
		const photo = { filename: 'a.png', mimetype: 'image/png', size: 5 };
		const attachment = { type: 'image', fileName: 'a.png', mimeType: 'image/png' };
		expect(openingIn(map({ Email: 'j@d.c', Photo: [photo] }, {}, files)).message).toMatchObject({
			text: '[image]',
			attachments: [{ ...attachment, details: { binary: 'Photo' } }],
		});
		for (const Photo of [photo, [photo]]) {
			expect(openingIn(map({ Email: 'j@d.c', Photo })).message?.attachments).toEqual([attachment]);
		}
	});

	it('was sent now when its time cannot be read', () => {
		const json = { Email: 'j@d.c', submittedAt: 'soon' };
		expect(openingIn(mapFormTrigger(itemOf(json), FOUND)).message?.sentAt).toBe(NOW);
	});
});

describe('what the operator has to change', () => {
	it('a form that names nobody', () => {
		for (const fields of [
			{},
			{ Message: 'Hello' },
			{ Email: 'no', Phone: '12', Age: '123456789' },
		]) {
			expect(map(fields)).toEqual(refused('names nobody', "'Email Field' or 'Phone Field'"));
		}
	});

	it('an item that is none', () => {
		expect(mapFormTrigger(itemOf({ Email: 'j@d.c' }), FOUND)).toEqual(
			refused('no submission of a form', 'behind an n8n Form Trigger'),
		);
	});
});

test('anything is read or refused', () => {
	const label = fc.oneof(
		fc.string(),
		fc.constantFrom('Email', 'Phone', 'Name', 'First name', 'Message', 'user', '__proto__'),
	);
	const value = fc.oneof(fc.jsonValue(), fc.constantFrom('j@d.c', '+12025550143', 'Jane'));
	fc.assert(
		fc.property(fc.dictionary(label, value), value, (fields, setting) => {
			expectSoundMapping(map({ ...fields, Email: 'j@d.c' }, { account: setting }));
			expectSoundMapping(map(fields, { emailField: setting, messageField: setting }));
		}),
	);
});
