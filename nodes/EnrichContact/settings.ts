import type { IExecuteFunctions } from 'n8n-workflow';
import { keywordList } from '../descriptions/lists';
import type { Intent } from '../enrichment/intent';
import type { LookupMapping } from '../enrichment/lookupAnswer';
import type { LookupTemplate } from '../enrichment/lookupRequest';
import type { WriteMode } from '../store/operations/enrichContact';
import type { Modes } from './writes';

export interface IntentSettings {
	intents: Intent[];
	/** Which of the two is asked first, where a chat model is connected. */
	by: 'modelFirst' | 'keywordsFirst';
	/** How sure the chat model must be, from 0 to 1. */
	leastConfidence: number;
}

export interface LookupSettings {
	template: LookupTemplate;
	fields: Array<LookupMapping & { mode: WriteMode | 'default' }>;
	/** Milliseconds; 0 keeps nothing. */
	lifetime: number;
	/** The same for "there is no such customer". */
	notFoundLifetime: number;
}

export interface SourceSettings {
	defaultCountry: string;
	leastConfidence: number;
	intent: IntentSettings;
	/** Key of the team whose business hours count; undefined: that of the conversation. */
	hoursTeam: string | undefined;
	lookup: LookupSettings;
	/** Milliseconds that each source may take. */
	limits: { intent: number; lookup: number; others: number };
}

interface Options {
	addTags?: string;
	cacheLifetime?: number;
	defaultCountry?: string;
	fieldsMode?: WriteMode;
	intentBy?: IntentSettings['by'];
	learnedMode?: WriteMode;
	leastConfidence?: number;
	lookupLimit?: number;
	modelLeastConfidence?: number;
	modelLimit?: number;
	modes?: { values?: Array<{ field: string; mode: WriteMode }> };
	notFoundLifetime?: number;
	timeLimit?: number;
}

/** What one item asks for. */
export interface EnrichSettings {
	sources: string[];
	of: SourceSettings;
	modes: Modes;
	assignments: Array<{ name: string; value: unknown }>;
	addTags: string[];
}

const MINUTE = 60_000;

const seconds = (given: number | undefined, otherwise: number) =>
	Math.max(0.1, given ?? otherwise) * 1_000;

export function readSettings(context: IExecuteFunctions, index: number): EnrichSettings {
	const read = <T>(name: string, otherwise: T) =>
		context.getNodeParameter(name, index, otherwise) as T;
	const options = read<Options>('options', {});
	const { assignments = [] } = read<Partial<EnrichSettings>>('fields', {});
	const modes = (options.modes?.values ?? []).map(
		({ field, mode }) => [field.trim(), mode] as const,
	);
	const sources = read<string[]>('sources', []);
	return {
		sources,
		of: {
			defaultCountry: (options.defaultCountry ?? '').trim().toUpperCase(),
			leastConfidence: options.leastConfidence ?? 0.5,
			// Asked only where it is shown: n8n finds no value of a list in a parameter that is hidden.
			hoursTeam: sources.includes('hours') ? teamOf(context, index) : undefined,
			intent: {
				intents: intentsOf(read('intents', {})),
				by: options.intentBy ?? 'modelFirst',
				leastConfidence: options.modelLeastConfidence ?? 0.6,
			},
			lookup: {
				template: templateOf(read),
				fields: rowsOf(read('lookupFields', {})),
				lifetime: (options.cacheLifetime ?? 60) * MINUTE,
				notFoundLifetime: (options.notFoundLifetime ?? 5) * MINUTE,
			},
			limits: {
				intent: seconds(options.modelLimit, 15),
				lookup: seconds(options.lookupLimit, 5),
				others: seconds(options.timeLimit, 5),
			},
		},
		modes: {
			learned: options.learnedMode ?? 'fillIfEmpty',
			input: options.fieldsMode ?? 'overwrite',
			perField: new Map(modes.filter(([field]) => field !== '')),
		},
		assignments: assignments.map(({ name, value }) => ({ name: name.trim(), value })),
		addTags: keywordList(options.addTags),
	};
}

function teamOf(context: IExecuteFunctions, index: number): string | undefined {
	const key = context.getNodeParameter('hoursTeam', index, '', { extractValue: true });
	return typeof key === 'string' && key.trim() !== '' ? key.trim() : undefined;
}

function intentsOf({ values = [] }: { values?: Array<Record<string, unknown>> }): Intent[] {
	return values.map(({ name, keywords, description }) => ({
		name: String(name ?? '').trim(),
		keywords: keywordList(keywords),
		description: String(description ?? '').trim(),
	}));
}

/** n8n leaves out what it does not show: a row for a tag has no name of a field. */
function rowsOf({
	values = [],
}: {
	values?: Array<Partial<LookupSettings['fields'][number]>>;
}): LookupSettings['fields'] {
	return values.map(({ path, saveTo, field, mode }) => ({
		path: String(path ?? ''),
		saveTo: saveTo === 'tag' ? 'tag' : 'field',
		field: String(field ?? '').trim(),
		mode: mode ?? 'default',
	}));
}

function templateOf(read: <T>(name: string, otherwise: T) => T): LookupTemplate {
	const body = read<unknown>('lookupBody', '');
	return {
		method: read<LookupTemplate['method']>('lookupMethod', 'GET'),
		url: String(read<unknown>('lookupUrl', '')),
		headers: read<{ values?: LookupTemplate['headers'] }>('lookupHeaders', {}).values ?? [],
		// An expression may give an object instead of its text.
		body: typeof body === 'string' ? body : JSON.stringify(body),
	};
}
