import { internationalDigits, phoneIdentities } from '../../nodes/channels/phone';
import { twilio } from '../../nodes/channels/twilio';
import { waha } from '../../nodes/channels/waha';
import { evolution } from '../../nodes/channels/evolution';
import { whatsapp } from '../../nodes/channels/whatsapp';
import { requestOf } from './requests';

describe('a phone number that somebody typed', () => {
	it.each([
		['+966500000001', '966500000001'],
		['00966500000001', '966500000001'],
		[' +1 (202) 555-0143 ', '12025550143'],
		['+49.151/12345678', '4915112345678'],
		['\u202a+966\u00a050 000 0001\u202c', '966500000001'],
		['+2907123', '2907123'],
	])('is taken with its country: %j', (typed, digits) => {
		expect(internationalDigits(typed)).toBe(digits);
	});

	it.each([
		'',
		'+',
		'0500000001',
		'966500000001',
		'+0500000001',
		'+123456',
		'+1234567890123456',
		'+44 (0) 20 7946 0958',
		'+1 202 555 0143 ext 5',
		'+1 202 555 0143 / +1 202 555 0144',
		'2025550143@s.whatsapp.net',
		'phone',
	])('is not guessed at: %j', (typed) => {
		expect(internationalDigits(typed)).toBeUndefined();
	});
});

describe('the identities of a phone', () => {
	const forms = (digits: string) => phoneIdentities(digits).map(({ id }) => id);

	it.each([
		['5511987654321', '551187654321'],
		['551187654321', '5511987654321'],
		['5215512345678', '525512345678'],
		['525512345678', '5215512345678'],
	])('are two where the country has changed its numbers: %s', (digits, other) => {
		expect(forms(digits)).toEqual([`+${digits}`, `+${other}`]);
	});

	it.each([
		['of Brazil on a landline', '551131234567'],
		['of Brazil that would become that of a landline', '5511931234567'],
		['of Brazil without an area', '5501987654321'],
		['of Brazil that is too long', '55119876543210'],
		['of Mexico that is too short', '52551234567'],
		['of Portugal', '351912345678'],
		['of Saudi Arabia', '966500000001'],
	])('are one: a number %s', (_which, digits) => {
		expect(forms(digits)).toEqual([`+${digits}`]);
	});

	it.each([
		[
			'WAHA',
			waha,
			{
				event: 'message',
				session: 'default',
				payload: { id: 'false_551187654321@c.us_3A1', from: '551187654321@c.us', body: 'Oi' },
			},
		],
		[
			'Evolution API',
			evolution,
			{
				event: 'messages.upsert',
				instance: 'support',
				data: {
					key: { remoteJid: '551187654321@s.whatsapp.net', fromMe: false, id: '3A1' },
					message: { conversation: 'Oi' },
				},
			},
		],
		[
			'WhatsApp',
			whatsapp,
			{
				object: 'whatsapp_business_account',
				entry: [
					{
						changes: [
							{
								field: 'messages',
								value: {
									metadata: { phone_number_id: '1' },
									messages: [
										{ from: '551187654321', id: 'wamid.1', type: 'text', text: { body: 'Oi' } },
									],
								},
							},
						],
					},
				],
			},
		],
		[
			'Twilio',
			twilio,
			'MessageSid=SM1&AccountSid=AC1&From=whatsapp%3A%2B551187654321&To=whatsapp%3A%2B12025550100&Body=Oi',
		],
	])('are known on %s, and its phone is as it came', (_name, channel, body) => {
		const [message] = channel.parse(requestOf(body), {}).messages;
		expect(message!.contact.phone).toBe('+551187654321');
		expect(message!.contact.identities).toEqual([
			{ channel: 'phone', account: '', id: '+551187654321' },
			{ channel: 'phone', account: '', id: '+5511987654321' },
		]);
	});
});
