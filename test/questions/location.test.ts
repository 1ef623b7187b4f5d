import { check, outcome, written } from './asking';

const location = { kind: 'location' } as const;
const cairo = { latitude: 30.0444, longitude: 31.2357 };

describe('a location', () => {
	test.each([
		['30.0444, 31.2357'],
		['30.0444,31.2357'],
		['30.0444 31.2357'],
		['(30.0444, 31.2357)'],
		['lat: 30.0444 lng: 31.2357'],
		['30.0444° N, 31.2357° E'],
		['٣٠٫٠٤٤٤، ٣١٫٢٣٥٧'],
		['۳۰٫۰۴۴۴, ۳۱٫۲۳۵۷'],
		['geo:30.0444,31.2357'],
		['https://maps.google.com/?q=30.0444,31.2357'],
		['I am here https://www.google.com/maps?q=30.0444,31.2357&z=17 come'],
		['https://www.google.com/maps/search/?api=1&query=30.0444%2C31.2357'],
		['https://www.google.com.eg/maps/@30.0444,31.2357,15z'],
		[
			'https://www.google.com/maps/place/Cairo/@30.1,31.1,12z/data=!3m1!4b1!4m6!3m5!8m2!3d30.0444!4d31.2357',
		],
		['https://www.google.com/maps/search/30.0444,+31.2357'],
		['https://maps.apple.com/?ll=30.0444,31.2357&q=Cairo'],
		['https://maps.apple.com/place?coordinate=30.0444,31.2357'],
		['https://www.openstreetmap.org/?mlat=30.0444&mlon=31.2357#map=12/30/31'],
		['https://www.openstreetmap.org/#map=12/30.0444/31.2357'],
		['https://waze.com/ul?ll=30.0444,31.2357&navigate=yes'],
		['موقعي:https://maps.google.com/maps?q=30.0444,31.2357'],
	])('%p is in Cairo', (text) => {
		expect(outcome(location, text)).toEqual(cairo);
	});

	test.each([
		['30, 31', 'has no location'],
		['3.5 and 4.5', 'has no location'],
		['5.99, 7.99, 8.99', 'has no location'],
		['Cairo', 'has no location'],
		['https://example.com/?q=30.0444,31.2357', 'has no location'],
		['https://google.com.example.com/maps?q=30.0444,31.2357', 'has no location'],
		['https://www.google.com/maps/place/%E0%A4%A', 'has no location'],
		['https://maps.app.goo.gl/abc', 'is a short link that does not say where'],
		['95.5, 31.2', 'has coordinates that are nowhere on Earth'],
		['30.5, 181.2', 'has coordinates that are nowhere on Earth'],
		['', 'has no location'],
	])('%p %s', (text, why) => {
		expect(outcome(location, text)).toBe(`(${why})`);
	});

	test.each([
		['WhatsApp', cairo],
		['Viber', { lat: 30.0444, lon: 31.2357 }],
		['Messenger', { coordinates: { lat: 30.0444, long: 31.2357 } }],
		['text', { latitude: '30.0444', longitude: '31.2357' }],
	])('shared by %s', (_, details) => {
		const reply = written('[location]', {
			type: 'location',
			attachments: [{ type: 'location', details }],
		});
		expect(check(location, reply)).toEqual({
			valid: true,
			value: cairo,
			text: '30.0444, 31.2357',
		});
	});

	test('keeps the name and the address of a place', () => {
		const details = {
			location: { latitude: -24.5, longitude: 0 },
			title: 'Shop',
			address: 'Main Street 1',
		};
		const attachments = [{ type: 'location', details }];
		expect(outcome(location, written('Shop', { type: 'location', attachments }))).toEqual({
			latitude: -24.5,
			longitude: 0,
			name: 'Shop',
			address: 'Main Street 1',
		});
		expect(outcome(location, '33.86 S, 151.21 E')).toEqual({ latitude: -33.86, longitude: 151.21 });
	});

	test('a place without coordinates', () => {
		const attachments = [{ type: 'location', details: { latitude: null, longitude: '' } }];
		expect(outcome(location, written('[location]', { type: 'location', attachments }))).toBe(
			'(has no location)',
		);
	});
});
