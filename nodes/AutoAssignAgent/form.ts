import type { IExecuteFunctions } from 'n8n-workflow';
import type { AssignmentStrategy } from '../decisions/contracts';
import { keywordList } from '../descriptions/lists';
import { storeError } from '../store/errors';
import type { AssignConversationInput } from '../store/operations/assignConversation';
import type { QueuePolicy, ReturnPolicy } from '../store/operations/queuePolicy';
import type { ConversationStore } from '../store/store';

const MINUTE = 60_000;
const UNITS = { minutes: MINUTE, hours: 60 * MINUTE, days: 24 * 60 * MINUTE };

interface Options {
	dryRun?: boolean;
	exclude?: unknown;
	maxOpen?: unknown;
	preferLast?: { values?: { days?: unknown; minutes?: unknown } };
	priority?: unknown;
	relaxAfter?: unknown;
	returns?: {
		values?: { atMost?: unknown; noReply?: unknown; offline?: unknown; escalateTo?: unknown };
	};
	shadow?: AssignmentStrategy;
	skills?: unknown;
	speaksLanguage?: boolean;
	waitSeveral?: boolean;
	weight?: unknown;
}

/** What holds for all items of a run, since it decides whether the run waits. */
export function readRun(context: IExecuteFunctions) {
	const { dryRun = false, waitSeveral = false } = optionsOf(context, 0);
	return { dryRun, waitSeveral };
}

/** How a conversation is to be assigned, as the form says for this item. */
export async function readForm(
	context: IExecuteFunctions,
	store: ConversationStore,
	conversationId: string,
	index: number,
): Promise<Omit<AssignConversationInput, 'wait'>> {
	const options = optionsOf(context, index);
	const { preferLast, returns, shadow, speaksLanguage } = options;
	const skills = keywordList(options.skills);
	const language = speaksLanguage ? await languageOf(store, conversationId) : null;
	const onlyOnline = context.getNodeParameter('onlyOnline', index, true) as boolean;
	const maxOpen = options.maxOpen === undefined ? null : Number(options.maxOpen);
	// Only what is asked for: those who wait by the same policy are looked at as one.
	const policy: QueuePolicy = {
		strategy: context.getNodeParameter('strategy', index, 'roundRobin') as AssignmentStrategy,
		onlyOnline,
		maxOpen,
		...(skills.length > 0 ? { skills } : {}),
		...(language === null ? {} : { language }),
		...(returns ? { returns: returnsOf(returns.values ?? {}) } : {}),
	};
	return {
		conversationId,
		to: poolOf(context, index),
		policy,
		exclude: keywordList(options.exclude),
		...(options.weight === undefined ? {} : { weight: Number(options.weight) }),
		...(options.priority === undefined ? {} : { priority: Number(options.priority) }),
		relaxAfter: options.relaxAfter === undefined ? null : minutes(options.relaxAfter),
		prefer: preferLast ? preferenceOf(preferLast.values ?? {}) : null,
		...(shadow ? { shadow: { strategy: shadow, onlyOnline, maxOpen } } : {}),
		source: 'workflow',
	};
}

/** How long the flow waits at most, in milliseconds. */
export function readWait(context: IExecuteFunctions, index: number): number {
	const amount = Number(context.getNodeParameter('waitAmount', index, 7));
	const unit = context.getNodeParameter('waitUnit', index, 'days') as keyof typeof UNITS;
	return Math.round(amount * (UNITS[unit] ?? NaN));
}

const optionsOf = (context: IExecuteFunctions, index: number) =>
	context.getNodeParameter('options', index, {}) as Options;

const minutes = (value: unknown) => Math.round(Number(value) * MINUTE);

const minutesOrNever = (value: unknown) => (Number(value) === 0 ? null : minutes(value));

const preferenceOf = ({
	days = 30,
	minutes: wait = 10,
}: {
	days?: unknown;
	minutes?: unknown;
}) => ({
	within: Math.round(Number(days) * UNITS.days),
	waitAtMost: minutes(wait),
});

function returnsOf({
	atMost = 3,
	noReply = 15,
	offline = 0,
	escalateTo,
}: NonNullable<NonNullable<Options['returns']>['values']>): ReturnPolicy {
	const team = keyIn(escalateTo);
	return {
		noReplyWithin: minutesOrNever(noReply),
		offlineFor: minutesOrNever(offline),
		atMost: Number(atMost),
		escalateTo: team === '' ? null : team,
	};
}

/** The key that was chosen from a list or typed. */
function keyIn(locator: unknown): string {
	const value =
		typeof locator === 'object' ? (locator as { value?: unknown } | null)?.value : locator;
	return typeof value === 'string' ? value.trim() : '';
}

/** As it is now: the item may be older than what Enrich Contact found. */
async function languageOf(store: ConversationStore, conversationId: string) {
	const { contact } = await store.getConversation(conversationId);
	return contact.language;
}

function poolOf(context: IExecuteFunctions, index: number): AssignConversationInput['to'] {
	const kind = context.getNodeParameter('assignTo', index) as AssignConversationInput['to']['kind'];
	if (kind !== 'team' && kind !== 'agent') return { kind };
	const key = context.getNodeParameter(kind, index, '', { extractValue: true });
	if (typeof key !== 'string' || key === '') {
		throw storeError(
			'InvalidInput',
			kind === 'team' ? "'Team' is empty" : "'Agent' is empty",
			`Choose the ${kind} from the list, or give its key`,
		);
	}
	return kind === 'team' ? { kind, team: key } : { kind, agent: key };
}
