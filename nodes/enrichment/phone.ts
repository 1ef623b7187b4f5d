import { asciiDigits } from '../decisions/text';
import { parsePhoneNumberFromString } from '../vendor';

/** What a number is for, where the numbering plan of its country tells. */
export type PhoneKind =
	| 'mobile'
	| 'fixedLine'
	| 'fixedLineOrMobile'
	| 'voip'
	| 'tollFree'
	| 'premiumRate'
	| 'sharedCost'
	| 'personalNumber'
	| 'pager'
	| 'companyNumber'
	| 'voicemail';

export interface PhoneDescription {
	/** The number as ITU-T E.164 writes it: "+201001234567". */
	e164: string;
	/** ISO 3166-1 alpha-2; null for numbers of no country, such as +800. */
	country: string | null;
	/** As people of the country write it: "010 01234567". */
	national: string;
	/** As people elsewhere write it: "+20 10 01234567". */
	international: string;
	/** Null where the plan does not tell. */
	kind: PhoneKind | null;
	/** Whether the numbering plan has such a number; not whether somebody answers it. */
	valid: boolean;
	/** IANA name, when the country has one time; else null. */
	timeZone: string | null;
}

type Parsed = NonNullable<ReturnType<typeof parsePhoneNumberFromString>>;
type Country = NonNullable<Parsed['country']>;

const KINDS: Record<NonNullable<ReturnType<Parsed['getType']>>, PhoneKind> = {
	MOBILE: 'mobile',
	FIXED_LINE: 'fixedLine',
	FIXED_LINE_OR_MOBILE: 'fixedLineOrMobile',
	VOIP: 'voip',
	TOLL_FREE: 'tollFree',
	PREMIUM_RATE: 'premiumRate',
	SHARED_COST: 'sharedCost',
	PERSONAL_NUMBER: 'personalNumber',
	PAGER: 'pager',
	UAN: 'companyNumber',
	VOICEMAIL: 'voicemail',
};

/** RFC 3966 allows longer ones, but no phone number is; also bounds the work. */
const LONGEST_INPUT = 250;

/**
 * Describes a phone number by the numbering plans that Google's libphonenumber collects from the
 * ITU and the national regulators.
 *
 * Takes any way people write one: spaces, brackets, Arabic-Indic, Persian and full-width digits,
 * `tel:`, Twilio's `whatsapp:`. Digits without `+` or `00` are a number of the default country;
 * without one they are refused rather than guessed.
 *
 * @param defaultCountry ISO 3166-1 alpha-2, in any case.
 * @returns null for anything that cannot be a phone number. Never throws.
 */
export function describePhone(
	input: string,
	defaultCountry?: string | null,
): PhoneDescription | null {
	const number = parse(input, defaultCountry);
	if (!number?.isPossible()) return null;
	const type = number.getType();
	return {
		e164: number.number,
		country: number.country ?? null,
		national: number.formatNational(),
		international: number.formatInternational(),
		kind: type ? KINDS[type] : null,
		valid: number.isValid(),
		timeZone: number.country ? timeZoneOf(number.country) : null,
	};
}

function parse(input: string, defaultCountry?: string | null): Parsed | null {
	if (typeof input !== 'string' || input.length > LONGEST_INPUT) return null;
	const country = defaultCountry?.trim().toUpperCase();
	const text = asciiDigits(input.normalize('NFKC'))
		.replace(/\p{Default_Ignorable_Code_Point}/gu, '')
		.trim()
		.replace(/^(?:whatsapp|sms|rcs|tel):/iu, '')
		// 00 is the prefix that ITU-T E.164 recommends; a country with another says so itself.
		.replace(/^00(?=[1-9])/u, country ? '00' : '+');
	try {
		return (
			parsePhoneNumberFromString(text, {
				// An unknown country is no country: the number may still have its own.
				...(country && { defaultCountry: country as Country }),
				extract: false,
			}) ?? null
		);
	} catch {
		return null;
	}
}

/**
 * The time zone of a country that has one time everywhere, from the Unicode CLDR data of the
 * runtime. Several zones that show the same time all year (Germany's) count as one. CLDR keeps
 * the first name a zone ever had, such as Asia/Calcutta; IANA keeps these valid for good.
 */
function timeZoneOf(country: string): string | null {
	const zones = [...zonesOf(country)].sort(
		(a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1),
	);
	const [first] = zones;
	if (first === undefined) return null;
	return new Set(zones.map(clockOf)).size === 1 ? first : null;
}

/** A method since ECMA-402 2024 settled it, a property in the runtimes before. */
function zonesOf(country: string): string[] {
	const locale = new Intl.Locale('und', { region: country }) as Intl.Locale & {
		getTimeZones?: () => string[] | undefined;
		timeZones?: string[];
	};
	return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}

/** What the clocks of a zone show at one moment in each half of a year, wherever summer is. */
function clockOf(timeZone: string): string {
	const format = new Intl.DateTimeFormat('en', {
		timeZone,
		timeStyle: 'short',
		dateStyle: 'short',
	});
	return [Date.UTC(2025, 0, 1), Date.UTC(2025, 6, 1)].map((time) => format.format(time)).join();
}
