import type { FilterValue } from 'n8n-workflow';
import type { CustomOutcome } from '../decisions/contracts';
import { shorten } from '../decisions/routingWords';
import type { PastConversation } from '../store/operations/replayRouting';
import { judge } from './custom';
import type { OptionsForm } from './rules';

/** `={{ $json.contact.fields.plan }}` and the like: nothing but a way into the item. */
const PATH =
	/^=\{\{\s*\$json((?:\??\.[A-Za-z_$][\w$]*|(?:\?\.)?\[\s*(?:"[^"\\]*"|'[^'\\]*'|\d+)\s*\])+)\s*\}\}$/u;
const STEP = /\.?([A-Za-z_$][\w$]*)|\[\s*(?:"([^"\\]*)"|'([^'\\]*)'|(\d+))\s*\]/gu;

/** What of a conversation never changes once it is open. */
const LASTING = ['id', 'channel', 'account', 'source', 'openedAt', 'isReturning', 'intent'];

/**
 * Judges a custom condition for a conversation of the past, its expressions as they are saved. The
 * store has the parts of the item that the pack writes; what else the item had then, and how the
 * conversation stood, is not kept, and is said to be unknown rather than taken for empty.
 */
export function judgePast(
	filter: Partial<FilterValue>,
	past: PastConversation,
	options: OptionsForm,
): CustomOutcome {
	const problems: string[] = [];
	const read = <T>(value: T): T => {
		const found = valueOf(value, past);
		if ('problem' in found) problems.push(found.problem);
		return ('value' in found ? found.value : null) as T;
	};
	const conditions = (filter.conditions ?? []).map((condition) => ({
		...condition,
		leftValue: read(condition.leftValue),
		rightValue: read(condition.rightValue),
	}));
	const [problem] = problems;
	return problem === undefined ? judge({ ...filter, conditions }, options) : { problem };
}

function valueOf(value: unknown, past: PastConversation): { value: unknown } | { problem: string } {
	if (typeof value !== 'string' || !value.startsWith('=')) return { value };
	const [, path] = PATH.exec(value) ?? [];
	if (path === undefined) {
		return { problem: `its expression ${shorten(value.slice(1))} has no value for the past` };
	}
	const steps = [...path.matchAll(STEP)].map(([, a, b, c, d]) => a ?? b ?? c ?? d ?? '');
	const [part = '', field = ''] = steps;
	const unknown = { problem: `the store does not keep $json.${shorten(steps.join('.'))} of then` };
	if (part === 'conversation')
		return LASTING.includes(field) ? follow(itemOf(past), steps) : unknown;
	if (part === 'contact') return past.erased ? unknown : follow(itemOf(past), steps);
	if (part === 'message') return past.textGone ? unknown : follow(itemOf(past), steps);
	return unknown;
}

/** The parts of the item as the nodes give them. */
function itemOf({ id, openedAt, contact, message, ...past }: PastConversation) {
	const { channel, account, source, isReturning, intent } = past;
	const conversation = { id, channel, account, source, isReturning, intent };
	return {
		conversation: { ...conversation, openedAt: new Date(openedAt).toISOString() },
		contact,
		message,
	};
}

function follow(item: object, steps: string[]): { value: unknown } {
	let value: unknown = item;
	for (const step of steps) {
		const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
		value = isThere ? (value as Record<string, unknown>)[step] : undefined;
	}
	return { value };
}
