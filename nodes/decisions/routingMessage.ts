import type { RoutingCondition, RoutingFacts } from './contracts';
import { hasValue, list, quote, shorten, type Finding } from './routingWords';
import { comparable, findMention, normalizeText } from './text';

type Of<T extends RoutingCondition['type']> = Extract<RoutingCondition, { type: T }>;

/** Words or phrases in the message, in any language. */
export function checkMention({ keywords }: Of<'mentions'>, text: string | null, exactly: boolean) {
	if (!hasValue(keywords)) return lists('keyword');
	if (text === null) return unknown('what the message said is no longer known');
	const found = findMention(text, keywords, { exact: exactly });
	return found === null
		? no(`the message does not mention ${list(keywords)}`)
		: yes(`the message mentions ${quote(found)}`);
}

/** What was found out about why the contact writes. */
export function checkIntent(
	{ intents }: Of<'intent'>,
	intent: string | null,
	exactly: boolean,
): Finding {
	if (!hasValue(intents)) return lists('intent');
	if (!intent?.trim()) return no('the intent is unknown');
	const form = comparable(exactly);
	const wanted = intents.filter((each) => each.trim()).map(form);
	return wanted.includes(form(intent))
		? yes(`the intent is ${quote(intent)}`)
		: no(`the intent is ${quote(intent)}, not ${list(intents)}`);
}

export function checkChannel({ channels }: Of<'channel'>, channel: string): Finding {
	return checkValue('channel', channel, channels, lowerCase);
}

/** The ad or link by which the contact came. */
export function checkAd({ by, values }: Of<'ad'>, ad: RoutingFacts['ad']): Finding {
	if (by !== 'any' && !hasValue(values)) return lists(by === 'id' ? 'ad' : 'word');
	if (ad === 'gone') return unknown('whether an ad led here is no longer known');
	if (ad === null) return no('no ad or link led here');
	if (by === 'any') return yes('an ad or link led here');
	const given = values.filter((value) => value.trim());
	if (by === 'id') {
		const found = given.find((value) => ad.ids.includes(value.trim()));
		return found === undefined
			? no(`another ad or link than ${list(values)} led here`)
			: yes(`the ad or link ${quote(found)} led here`);
	}
	if (ad.words === null) return unknown('what the ad said is no longer known');
	// Anywhere: addresses have their words run together.
	const words = normalizeText(ad.words);
	const found = given.find((value) => words.includes(normalizeText(value)));
	return found === undefined
		? no(`the ad or link does not have ${list(values)}`)
		: yes(`the ad or link has ${quote(found)}`);
}

/** A value that has one of several names. What is not known is none of them. */
export function checkValue(
	what: string,
	actual: string | null,
	expected: string[],
	form: (value: string) => string,
): Finding {
	if (!hasValue(expected)) return lists(what);
	if (!actual?.trim()) return no(`the ${what} is unknown`);
	const wanted = expected.filter((value) => value.trim()).map(form);
	return wanted.includes(form(actual))
		? yes(`the ${what} is ${shorten(actual)}`)
		: no(`the ${what} is ${shorten(actual)}, not ${list(expected)}`);
}

export const lowerCase = (value: string) => value.trim().toLowerCase();

export const yes = (why: string): Finding => ({ holds: true, why });
export const no = (why: string): Finding => ({ holds: false, why });
export const unknown = (why: string): Finding => ({ holds: null, why });

/** A condition that is still being written must not take every conversation, negated or not. */
export const unwritten = (why: string): Finding & { unwritten: true } => ({
	holds: false,
	why,
	unwritten: true,
});
const lists = (what: string) => unwritten(`lists no ${what}`);
