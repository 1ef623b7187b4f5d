import type { ITriggerFunctions } from 'n8n-workflow';
import { keywordList } from '../descriptions/lists';
import { storeError } from '../store/errors';
import { OVERDUE, type EventFilter } from '../store/eventFilter';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface Options {
	agents?: string;
	channels?: string[];
	collectFor?: number;
	linkLifetime?: number;
	otherChannels?: string;
	snoozeFor?: number;
	sources?: string[];
	teams?: string;
}

/**
 * What the node listens for, as the store keeps it.
 *
 * @throws StoreError `InvalidInput` with the parameter that is wrong
 */
export function filterOf(context: ITriggerFunctions): EventFilter {
	const events = context.getNodeParameter('events') as string[];
	const options = context.getNodeParameter('options', {}) as Options;
	const { collectFor = 0, linkLifetime = 24, snoozeFor = 60 } = options;
	const lists = {
		agents: keywordList(options.agents),
		channels: [...(options.channels ?? []), ...keywordList(options.otherChannels)],
		sources: options.sources ?? [],
		teams: keywordList(options.teams),
	};
	return {
		events,
		...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
		...(events.includes(OVERDUE)
			? {
					overdueAfter:
						numberIn('Overdue After', context.getNodeParameter('overdueAfter', 15), 1, 525_600) *
						MINUTE,
				}
			: {}),
		...(collectFor === 0
			? {}
			: { collectFor: numberIn('Collect Messages For', collectFor, 0, 3600) * SECOND }),
		links: {
			lifetime: numberIn('Link Lifetime', linkLifetime, 1, 720) * HOUR,
			snoozeFor: numberIn('Snooze For', snoozeFor, 1, 43_200) * MINUTE,
		},
	};
}

/** A number that may come from an expression. */
function numberIn(label: string, value: unknown, least: number, most: number): number {
	const number = Math.round(Number(value));
	if (number >= least && number <= most) return number;
	throw storeError(
		'InvalidInput',
		`${label} must be a number from ${least} to ${most}`,
		'Correct it in the node, then publish again',
	);
}
