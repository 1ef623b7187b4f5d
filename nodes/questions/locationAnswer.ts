import type { Attachment } from '../channels/channel';
import { fieldsOf, present, textOf, type Fields } from '../channels/fields';
import { asciiDigits } from '../decisions/text';
import type { Checked, Place } from './contracts';
import { refused } from './contracts';
import { coordinatesInLink, isShortLink } from './mapLinks';

/** Degrees with decimals, alone in a text: whole numbers might be anything. */
const TYPED =
	/^[^\p{L}\p{N}-]*(?:(?:gps|lat|latitude)[\s:=]*)?(-?\d{1,3}\.\d{1,20})\s*°?\s*([ns])?\s*(?:[,;،\s/]|(?:long?|lng|longitude)[\s:=])+\s*(-?\d{1,3}\.\d{1,20})\s*°?\s*([ew])?[^\p{L}\p{N}]*$/iu;

/**
 * A place that the contact shared, or wrote as coordinates or as a link to a map that has them.
 * Links that only lead to such a link (maps.app.goo.gl) are refused: nothing is fetched here.
 */
export function checkLocation(
	written: string | undefined,
	attachments: Attachment[],
): Checked<Place> {
	for (const { type, details } of attachments) {
		const place = type === 'location' ? sharedPlace(details ?? {}) : undefined;
		if (place) return located(place);
	}
	if (written === undefined) return refused('has no location');
	const links = attachments.flatMap(({ url }) => url ?? []);
	const words = [...written.split(/\s+/), ...links].filter((word) => word.length > 8);
	for (const word of words) {
		const place = coordinatesInLink(word);
		if (place) return located(place);
	}
	const typed = typedPlace(written);
	if (typed) return located(typed);
	return refused(
		words.some(isShortLink) ? 'is a short link that does not say where' : 'has no location',
	);
}

function located(place: Place): Checked<Place> {
	if (Math.abs(place.latitude) > 90 || Math.abs(place.longitude) > 180) {
		return refused('has coordinates that are nowhere on Earth');
	}
	return { valid: true, value: place, text: `${place.latitude}, ${place.longitude}` };
}

/** Each channel has its own names: Viber and Messenger are brief, a venue of Telegram has two levels. */
function sharedPlace(details: Fields): Place | undefined {
	const inner = fieldsOf(details.location) ?? fieldsOf(details.coordinates) ?? details;
	const latitude = degreesOf(inner.latitude ?? inner.lat);
	const longitude = degreesOf(inner.longitude ?? inner.long ?? inner.lon ?? inner.lng);
	if (latitude === undefined || longitude === undefined) return undefined;
	return present({
		latitude,
		longitude,
		name: textOf(details.name) ?? textOf(details.title) ?? textOf(details.label),
		address: textOf(details.address),
	});
}

function degreesOf(value: unknown): number | undefined {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function typedPlace(written: string): Place | undefined {
	const text = asciiDigits(written.normalize('NFKC'))
		.replace(/\p{Default_Ignorable_Code_Point}/gu, '')
		.replace(/[\u2212\u2013]/g, '-')
		.replaceAll('٫', '.');
	const [, latitude, south, longitude, west] = (text.length < 120 && TYPED.exec(text)) || [];
	if (latitude === undefined || longitude === undefined) return undefined;
	return {
		latitude: Number(latitude) * (/s/i.test(south ?? '') ? -1 : 1),
		longitude: Number(longitude) * (/w/i.test(west ?? '') ? -1 : 1),
	};
}
