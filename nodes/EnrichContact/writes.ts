import type { EnrichContactResult, FieldWrite, WriteMode } from '../store/operations/enrichContact';
import type { Found } from './sources';

/** How values are saved: those of single fields before those of where they came from. */
export interface Modes {
	learned: WriteMode;
	input: WriteMode;
	perField: Map<string, WriteMode>;
}

/** What a source found, with its name. */
export type Finding = [source: string, found: Found];

/** A field that was saved, as the item says it. */
export interface SavedField {
	/** A field of the contact, or `conversation.intent`. */
	field: string;
	source: string;
	mode: WriteMode;
	/** Whether it had another value before; which, is nobody's business behind this node. */
	replaced: boolean;
}

/** How the intent is called among the modes of single fields, and in what was saved. */
const INTENT = 'intent';

function modeOf(modes: Modes, field: string, source: string, own?: WriteMode): WriteMode {
	const general = source === 'input' ? modes.input : modes.learned;
	return modes.perField.get(field) ?? own ?? general;
}

/**
 * One write for each field that is to be saved. Where several sources know the same field, the last
 * in their order counts, and the input comes after all of them. What is only to be shown does not
 * stand in the way of another source.
 */
export function writesOf(
	findings: Finding[],
	assignments: Array<{ name: string; value: unknown }>,
	modes: Modes,
): FieldWrite[] {
	const input = assignments.map(({ name, value }) => ['input', name, value, undefined] as const);
	const learned = findings.flatMap(([source, found]) =>
		Object.entries(found.save ?? {}).map(
			([field, value]) => [source, field, value, found.modes?.[field]] as const,
		),
	);
	const writes = new Map<string, FieldWrite>();
	for (const [source, field, value, own] of [...learned, ...input]) {
		const mode = modeOf(modes, field, source, own);
		if (mode !== 'keep') writes.set(field, { field, value, source, mode });
	}
	return [...writes.values()];
}

/** The intent to write to the conversation, or undefined where it is to stay as it is. */
export function intentToSave(
	findings: Finding[],
	known: string | null,
	modes: Modes,
): { intent: string; mode: WriteMode } | undefined {
	const mode = modeOf(modes, INTENT, INTENT);
	const intent = findings.flatMap(([, found]) => found.intent ?? []).at(-1);
	if (intent === undefined || mode === 'keep') return undefined;
	return mode === 'overwrite' || known === null ? { intent, mode } : undefined;
}

/** What was saved, and how. */
export function savedOf(
	writes: FieldWrite[],
	result: Pick<EnrichContactResult, 'written' | 'replaced'>,
	intent: { before: string | null; saved: ReturnType<typeof intentToSave> },
): SavedField[] {
	const fields = writes
		.filter(({ field }) => result.written.includes(field))
		.map(({ field, source, mode }) => ({
			...{ field, source, mode },
			replaced: result.replaced.includes(field),
		}));
	const { before, saved } = intent;
	if (!saved || saved.intent === before) return fields;
	const conversation = { field: 'conversation.intent', source: INTENT, mode: saved.mode };
	return [...fields, { ...conversation, replaced: before !== null }];
}
