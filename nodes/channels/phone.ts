import type { Identity } from './channel';

/** What people put between the digits of a phone number, and marks of direction that come with pasting. */
const BETWEEN = /[\s().\-/\p{Cf}]/gu;

/** `(0)` is left out when somebody dials from abroad: only the owner of the number can say so. */
const LOCAL_ZERO = /\(\s*0\s*\)/;

/** E.164: the country's code does not begin with a zero, and there are at most 15 digits. */
const INTERNATIONAL = /^(?:\+|00)([1-9]\d{6,14})$/;

/**
 * The digits of a phone number that somebody may have typed, from the country's code on. Only what
 * says its country is taken: anything else would reach a stranger in some other country.
 */
export function internationalDigits(phone: string): string | undefined {
	if (LOCAL_ZERO.test(phone)) return undefined;
	return INTERNATIONAL.exec(phone.replace(BETWEEN, ''))?.[1];
}

/** Brazil's mobile numbers before and after they got a 9; the others kept their length. */
const BRAZIL = /^55([1-9]\d)(9?)([6-9]\d{7})$/;

/** Mexico's numbers with the 1 that once told a mobile, and without. */
const MEXICO = /^52(1?)([2-9]\d{9})$/;

/**
 * The identities of a phone that a channel vouches for, the first as it came. Brazil and Mexico have
 * changed their mobile numbers, and services write the same phone now in the old form, now in the
 * new one: a contact is known by both.
 */
export function phoneIdentities(digits: string): Identity[] {
	const other = otherForm(digits);
	return [digits, ...(other === undefined ? [] : [other])].map((form) => ({
		channel: 'phone',
		account: '',
		id: `+${form}`,
	}));
}

function otherForm(digits: string): string | undefined {
	const brazil = BRAZIL.exec(digits);
	if (brazil) {
		const [, area, nine, rest] = brazil;
		return `55${area}${nine === '' ? '9' : ''}${rest}`;
	}
	const mexico = MEXICO.exec(digits);
	if (mexico) return `52${mexico[1] === '' ? '1' : ''}${mexico[2]}`;
	return undefined;
}
