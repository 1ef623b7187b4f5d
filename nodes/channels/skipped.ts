import type { Channel, ParsedBody, SkippedPart } from './channel';

/** Of one body. Whoever reads more has seen what is wrong, and they all go into the log. */
const MOST_REASONS = 20;

/** No provider sends more in one list; what does would fill the memory with reasons. */
const LONGEST_LIST = 1000;

/** The channel, with no more reasons for what it skips than somebody reads. */
export const withFewReasons = (channel: Channel): Channel => ({
	...channel,
	parse(request, settings) {
		const body = channel.parse(request, settings);
		return { ...body, ignored: few(body.ignored), malformed: few(body.malformed) };
	},
});

function few(parts: SkippedPart[]): SkippedPart[] {
	if (parts.length <= MOST_REASONS) return parts;
	const rest = countOf(parts.slice(MOST_REASONS));
	const reason = `And ${rest} more ${rest === 1 ? 'part' : 'parts'} of the body.`;
	return [...parts.slice(0, MOST_REASONS), { reason, count: rest }];
}

/** How many parts were skipped, told or not. */
export const countOf = (parts: SkippedPart[]): number =>
	parts.reduce((sum, { count = 1 }) => sum + count, 0);

/** The elements that are read; that others are not goes to `malformed`. */
export function elementsOf(list: unknown[], where: string, found: ParsedBody): unknown[] {
	if (list.length <= LONGEST_LIST) return list;
	const reason = `${where} holds ${list.length} elements; only the first ${LONGEST_LIST} are read.`;
	found.malformed.push({ reason });
	return list.slice(0, LONGEST_LIST);
}
