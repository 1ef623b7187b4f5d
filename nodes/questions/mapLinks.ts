interface Coordinates {
	latitude: number;
	longitude: number;
}

const DEGREES = '(-?\\d{1,3}(?:\\.\\d{1,20})?)';
const PAIR = new RegExp(`^(?:loc:)?\\s*${DEGREES}\\s*,\\s*${DEGREES}`);

/** Where each map puts the place that was meant, the most exact first. */
const IN_PATH = [
	// Google: the pin, then the middle of what the screen showed.
	new RegExp(`!3d${DEGREES}!4d${DEGREES}`),
	new RegExp(`/(?:search|place|dir/?)/${DEGREES},[\\s+]*${DEGREES}`),
	new RegExp(`@${DEGREES},${DEGREES}`),
	// OpenStreetMap.
	new RegExp(`#map=\\d{1,2}(?:\\.\\d+)?/${DEGREES}/${DEGREES}`),
];
/** Google (Maps URLs), Apple (Map Links), Waze (Deep Links). Yandex has longitude first. */
const IN_QUERY = ['query', 'q', 'destination', 'daddr', 'coordinate', 'll', 'center'];

const HOSTS =
	/^(?:(?:www|maps)\.)?google\.(?:com?\.)?[a-z]{2,3}$|^maps\.apple\.com$|^(?:www\.)?openstreetmap\.org$|^(?:(?:www|ul)\.)?waze\.com$/;
const SHORT_HOSTS = /^(?:maps\.app\.goo\.gl|goo\.gl|g\.co|maps\.apple|osm\.org)$/;

/** The coordinates in a link to Google Maps, Apple Maps, OpenStreetMap or Waze, or in a `geo:` link. */
export function coordinatesInLink(link: string): Coordinates | undefined {
	// RFC 5870.
	if (/^geo:/i.test(link)) return pairIn(link.slice(4));
	const url = urlOf(link);
	if (!url || !HOSTS.test(url.hostname)) return undefined;
	const latitude = url.searchParams.get('mlat');
	const longitude = url.searchParams.get('mlon');
	if (latitude !== null && longitude !== null) return pairIn(`${latitude},${longitude}`);
	const path = decoded(url.pathname + url.hash);
	for (const name of IN_QUERY) {
		const found = pairIn(url.searchParams.get(name) ?? '');
		if (found) return found;
	}
	for (const pattern of IN_PATH) {
		const found = pattern.exec(path);
		if (found) return coordinates(found[1]!, found[2]!);
	}
	return undefined;
}

/** Whether a link to a map says where only after it was followed. */
export function isShortLink(link: string): boolean {
	const host = urlOf(link)?.hostname;
	return host !== undefined && SHORT_HOSTS.test(host);
}

function urlOf(link: string): URL | undefined {
	const start = link.search(/https?:\/\//i);
	try {
		return start < 0 ? undefined : new URL(link.slice(start));
	} catch {
		return undefined;
	}
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function pairIn(text: string): Coordinates | undefined {
	const found = PAIR.exec(text);
	return found ? coordinates(found[1]!, found[2]!) : undefined;
}

const coordinates = (latitude: string, longitude: string): Coordinates => ({
	latitude: Number(latitude),
	longitude: Number(longitude),
});
