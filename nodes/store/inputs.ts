import { isDeeperThan } from '../channels/fields';
import { parseBusinessHours } from '../decisions/businessHours';
import { z } from '../vendor';
import { storeError } from './errors';

/** The last moment that JavaScript's dates know, in milliseconds since 1970. */
export const LAST_MOMENT = 8.64e15;

/**
 * The edge of the store: what comes in is checked here, in words for whoever filled in the form.
 * Types guard against programmers, these against data.
 */
const text = (label: string, most: number) =>
	z
		.string({
			invalid_type_error: `${label} must be a text`,
			required_error: `${label} is missing`,
		})
		.trim()
		// The store keeps no NUL characters, so they are nothing.
		.regex(/[^\0\s]/, `${label} is empty`)
		.max(most, `${label} is longer than ${most} characters`);

const key = (label: string) => text(label, 200);

const words = (label: string) => z.array(text(label, 200)).max(500, `${label}: at most 500`);

const units = z
	.number({ invalid_type_error: 'Capacity must be a number' })
	.int('Capacity must be a whole number')
	.min(0, 'Capacity cannot be negative')
	.max(100_000, 'Capacity is larger than 100,000');

/** @see BusinessHours */
const hours = z.unknown().superRefine((value, context) => {
	if (value === undefined || value === null) return;
	try {
		parseBusinessHours(value);
	} catch (error) {
		context.addIssue({ code: 'custom', message: (error as Error).message });
	}
});

const strategy = z.enum(['roundRobin', 'leastOpen', 'lowestLoad', 'longestIdle'], {
	errorMap: () => ({
		message: "Strategy must be 'roundRobin', 'leastOpen', 'lowestLoad' or 'longestIdle'",
	}),
});

const availability = z.enum(['online', 'away', 'offline'], {
	errorMap: () => ({ message: "Availability must be 'online', 'away' or 'offline'" }),
});

/** Milliseconds since 1970 that a date can hold (ECMA-262, 21.4.1.1). */
const moment = z
	.number({ invalid_type_error: 'The time must be a number' })
	.int('The time must be in whole milliseconds')
	.min(-LAST_MOMENT, 'The time is out of range')
	.max(LAST_MOMENT, 'The time is out of range');

const LONGEST_DURATION = 365 * 24 * 60 * 60_000;

/** Milliseconds, at most a year. */
const duration = (label: string, least = 0) =>
	z
		.number({ invalid_type_error: `${label} must be a number` })
		.int(`${label} must be in whole milliseconds`)
		.min(least, least > 0 ? `${label} must be longer than nothing` : `${label} cannot be negative`)
		.max(LONGEST_DURATION, `${label} is longer than a year`);

/** A number within bounds, both of them allowed; `what` is how the operator knows it. */
const within = (what: string, least: number, most: number) =>
	z
		.number({ invalid_type_error: `${what} must be a number` })
		.finite(`${what} must be a number`)
		.min(least, `${what} must be at least ${least}`)
		.max(most, `${what} must be at most ${most}`);

const whole = (what: string, least: number, most: number) =>
	within(what, least, most).int(`${what} must be a whole number`);

const returns = z.object({
	noReplyWithin: duration('No Reply For', 1).nullable(),
	offlineFor: duration('Offline For', 1).nullable(),
	atMost: whole('At Most', 0, 100),
	escalateTo: key('Team to escalate to').nullable(),
});

const assignmentPolicy = z.object({
	strategy,
	maxOpen: whole('Most Open Conversations', 1, 100_000).nullable(),
	skills: words('Skills').optional(),
	language: text('Language', 100).nullable().optional(),
	returns: returns.optional(),
});

const identity = z.object({
	channel: text('Channel', 100),
	account: z.string().max(500),
	id: text('Contact ID', 1000),
});

const contact = z.object({
	identities: z.array(identity).min(1, 'Contact ID is missing').max(20),
	name: z.string().optional(),
	phone: z.string().optional(),
	email: z.string().optional(),
	language: z.string().optional(),
	country: z.string().optional(),
});

/** Levels of a message with all that its channel says; what is deeper cannot be written down as JSON. */
const DEEPEST = 200;

/** Names that JavaScript objects treat specially; no contact field may have them. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

export const inputs = {
	agent: z.object({
		key: key('Agent key'),
		name: text('Name', 500).optional(),
		teams: words('Teams').optional(),
		capacity: units.nullable().optional(),
		availability: availability.optional(),
		followsShifts: z.boolean().optional(),
		skills: words('Skills').optional(),
		languages: words('Languages').optional(),
		shifts: hours,
		handles: z.record(z.string().max(500)).optional(),
	}),
	assign: z.object({
		policy: assignmentPolicy,
		exclude: words('Exclude Agents'),
		shadow: z
			.object({
				strategy,
				onlyOnline: z.boolean().optional(),
				maxOpen: whole('Most Open Conversations', 0, 100_000).nullable().optional(),
			})
			.optional(),
		weight: whole('Weight', 1, 1000).optional(),
		priority: whole('Priority', -1000, 1000).optional(),
		relaxAfter: duration('Relax After').nullable().optional(),
		prefer: z
			.object({
				within: duration('Prefer the Last Agent (days)'),
				waitAtMost: duration('Wait at Most for the last agent'),
			})
			.nullable()
			.optional(),
		wait: z.object({ waitFor: duration('Maximum Wait') }).optional(),
	}),
	availability: z
		.object({
			key: key('Agent key'),
			availability,
			onlineUntil: moment.nullable(),
			grace: duration('The grace').optional(),
			delay: duration('The delay').optional(),
			heartbeat: z.boolean().optional(),
		})
		.superRefine((said, context) => {
			const refuse = (message: string) => context.addIssue({ code: 'custom', message });
			if (said.delay && said.availability === 'online') {
				refuse('Only away and offline can take effect later: online takes effect at once');
			}
			if (said.delay && said.onlineUntil !== null) {
				refuse('What takes effect later holds until further notice: it cannot also have an end');
			}
			if (said.heartbeat && said.availability === 'away') {
				refuse("A heartbeat says 'online' or 'offline', never 'away'");
			}
			if (said.heartbeat && said.availability === 'online' && said.onlineUntil === null) {
				refuse('A heartbeat says how long it counts');
			}
		}),
	team: z.object({
		key: key('Team key'),
		name: text('Name', 500).optional(),
		handles: z.record(z.string().max(500)).optional(),
		hours,
		overflowTeam: key('Overflow team').nullable().optional(),
	}),
	comment: z.object({ text: text('Comment', 10_000), source: text('Source', 50) }),
	answerOfAgent: z.object({
		agent: key('Agent'),
		reason: text('Reason', 1_000).optional(),
		source: text('Source', 50),
	}),
	transfer: z.object({
		to: z.union([
			z.object({ kind: z.literal('agent'), agent: key('Agent') }),
			z.object({ kind: z.literal('team'), team: key('Team') }),
		]),
		comment: text('Comment', 10_000).optional(),
		source: text('Source', 50),
	}),
	snooze: z.object({ until: moment.nullable(), source: text('Source', 50) }),
	category: z.object({ name: text('Name', 200), description: z.string().max(5000) }),
	open: z.object({
		contact,
		channel: text('Channel', 100),
		account: z.string().max(500),
		source: text('Source', 50),
	}),
	receive: z.object({
		message: z
			.object({
				id: text('Message ID', 1000),
				channel: text('Channel', 100),
				account: z.string().max(500),
				type: text('Message type', 100),
				text: z.string(),
				attachments: z.array(z.record(z.unknown())).max(1_000, 'More than 1,000 attachments'),
				sentAt: z.number().finite(),
				contact,
			})
			.passthrough()
			.refine(
				(message) => !isDeeperThan(message, DEEPEST),
				`Message is nested over ${DEEPEST} levels deep`,
			),
	}),
	enrich: z.object({
		writes: z
			.array(
				z.object({
					field: text('Field', 200).refine(
						(name) => !RESERVED.includes(name),
						'Field has a reserved name',
					),
				}),
			)
			.max(500),
		addTags: z.array(z.string().max(200)).max(500),
		intent: text('Intent', 200).nullable().optional(),
	}),
	lookup: z.object({
		key: key('Key of the look-up'),
		lifetime: z
			.number({ invalid_type_error: 'Cache Lifetime must be a number' })
			.min(0, 'Cache Lifetime cannot be negative'),
	}),
	linksAddress: z.object({
		url: z.string().url('The address of Agent Links is no address').max(2_000),
	}),
	backUp: z.object({
		keep: z
			.number({ invalid_type_error: 'Keep at Most must be a number' })
			.int('Keep at Most must be a whole number')
			.min(1, 'Keep at Most must be at least 1: the backup that was just made')
			.optional(),
	}),
	close: z.object({
		category: z.string().max(200, 'Category is longer than 200 characters').nullable(),
		summary: z.string().max(100_000, 'Summary is longer than 100,000 characters').nullable(),
	}),
	erase: z.object({ contact: text('Contact', 1000), source: text('Source', 50) }),
	retention: z.object({
		days: z
			.number({ invalid_type_error: 'Days must be a number' })
			.int('Days must be a whole number')
			.min(1, 'Days must be at least 1')
			.max(36_500, 'Days must be at most 36,500')
			.nullable(),
		source: text('Source', 50),
	}),
};

/** @throws StoreError `InvalidInput` with the first thing that is wrong */
export function check(schema: z.ZodTypeAny, input: unknown): void {
	const result = schema.safeParse(input);
	if (result.success) return;
	const [issue] = result.error.issues;
	const where = issue?.path.length ? ` (${issue.path.join('.')})` : '';
	throw storeError(
		'InvalidInput',
		`${issue?.message ?? 'The input is not valid'}${where}`,
		'Correct the value in the node, or the data that it comes from',
	);
}
