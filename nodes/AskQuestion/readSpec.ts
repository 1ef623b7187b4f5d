import type { IExecuteFunctions } from 'n8n-workflow';
import { keywordList } from '../descriptions/lists';
import { normalizeText } from '../decisions/text';
import type { Choice, DateOrder, Question } from '../questions/contracts';
import { storeError } from '../store/errors';
import { IANAZone } from '../vendor';
import type { QuestionSpec, SaveTo } from './spec';

const MOST_CHOICES = 10;
const UNITS: Record<string, number> = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };
const LONGEST_WAIT = 30 * 86_400_000;

const LONGEST_NAME = 200;

/** Names that JavaScript objects treat specially. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

/** By these a contact is found and written to: nothing else may stand in them. */
const NEEDED = new Map<string, { kind: Question['kind']; label: string }>([
	['email', { kind: 'email', label: 'Email' }],
	['phone', { kind: 'phone', label: 'Phone Number' }],
]);

interface Options {
	retryText?: string;
	goOnWithAnswer?: boolean;
	listLabel?: string;
}

/** What the contact is known by, where a question depends on it. */
interface Known {
	country: string | null;
	timezone: string | null;
}

/** Reads the node's form. @throws StoreError `InvalidInput` */
export function readSpec(context: IExecuteFunctions, index: number, contact: Known): QuestionSpec {
	const text = (name: string) => String(context.getNodeParameter(name, index, '') ?? '').trim();
	const options = context.getNodeParameter('options', index, {}) as Options;
	const prompt = text('prompt');
	if (prompt === '') throw invalid("'Question' is empty", 'Write what the contact is to be asked');
	const question = readQuestion(context, index, text, contact);
	return {
		question,
		prompt,
		retryText: (options.retryText ?? '').trim(),
		again: wholeNumber(context.getNodeParameter('again', index), 'Ask Again at Most', 0, 10),
		waitFor: waitOf(context, index),
		save: saveOf(text, question.kind),
		goOnWithAnswer: question.kind === 'text' && options.goOnWithAnswer !== false,
		listLabel: (options.listLabel ?? '').trim(),
	};
}

function readQuestion(
	context: IExecuteFunctions,
	index: number,
	text: (name: string) => string,
	contact: Known,
): Question {
	const kind = context.getNodeParameter('answerType', index) as Question['kind'];
	switch (kind) {
		case 'choice':
			return { kind, choices: readChoices(context, index) };
		case 'number': {
			const least = limit(text('least'), 'Lowest');
			const most = limit(text('most'), 'Highest');
			if (least !== undefined && most !== undefined && least > most) {
				throw invalid("'Lowest' is above 'Highest'", 'Swap the two');
			}
			return {
				kind,
				...(least === undefined ? {} : { least }),
				...(most === undefined ? {} : { most }),
				whole: context.getNodeParameter('whole', index) === true,
			};
		}
		case 'date': {
			const earliest = day(text('earliest'), 'Earliest');
			const latest = day(text('latest'), 'Latest');
			return {
				kind,
				order: context.getNodeParameter('dateOrder', index) as DateOrder,
				timeZone: zoneFor(context, contact),
				...(earliest === undefined ? {} : { earliest }),
				...(latest === undefined ? {} : { latest }),
			};
		}
		case 'phone': {
			const country = text('country').toUpperCase() || contact.country;
			return { kind, ...(country ? { defaultCountry: country } : {}) };
		}
		case 'rating': {
			const most = context.getNodeParameter('ratingMost', index);
			return { kind, most: wholeNumber(most, 'Highest Rating', 2, 10) };
		}
		default:
			return { kind };
	}
}

function readChoices(context: IExecuteFunctions, index: number): Choice[] {
	const { values = [] } = context.getNodeParameter('choices', index, {}) as {
		values?: Array<{ title?: unknown; value?: unknown; aliases?: unknown }>;
	};
	const choices = values
		.map(({ title, value, aliases }): Choice => {
			const shown = String(title ?? '').trim();
			const others = keywordList(aliases);
			return {
				title: shown,
				value: String(value ?? '').trim() || shown,
				...(others.length > 0 ? { aliases: others } : {}),
			};
		})
		// A row that somebody is still writing.
		.filter(({ title }) => title !== '');
	if (choices.length === 0 || choices.length > MOST_CHOICES) {
		throw invalid(
			choices.length === 0 ? 'There are no choices' : `There are ${choices.length} choices`,
			`Give one to ${MOST_CHOICES}; with more, ask in two steps`,
		);
	}
	const titles = choices.map(({ title }) => normalizeText(title));
	const twice = titles.findIndex((title, at) => titles.indexOf(title) !== at);
	if (twice >= 0) {
		throw invalid(
			`Two choices are called '${choices[twice]!.title}'`,
			'Give each choice words of its own, so that an answer means one of them',
		);
	}
	return choices;
}

function saveOf(text: (name: string) => string, kind: Question['kind']): SaveTo {
	const to = text('saveTo');
	if (to === 'field') {
		const field = text('saveField');
		if (field === '') {
			throw invalid("'Contact Field' is empty", 'Name the field, or save the answer nowhere');
		}
		if (field.length > LONGEST_NAME || RESERVED.includes(field)) {
			throw invalid("'Contact Field' has a name that no field can have", 'Give it another name');
		}
		const needed = NEEDED.get(field);
		if (needed && needed.kind !== kind) {
			throw invalid(
				`The field '${field}' takes no answer of this type`,
				`Set 'Answer Type' to '${needed.label}', or save to a field of your own`,
			);
		}
		return { to, field };
	}
	return { to: to === 'tag' || to === 'intent' ? to : 'nowhere' };
}

function waitOf(context: IExecuteFunctions, index: number): number {
	const amount = Number(context.getNodeParameter('waitAmount', index));
	const unit = UNITS[String(context.getNodeParameter('waitUnit', index))] ?? 0;
	const wait = Math.round(amount * unit);
	if (wait > 0 && wait <= LONGEST_WAIT) return wait;
	throw invalid("'Time to Answer' is out of range", 'Give a time of up to 30 days');
}

/** The day that is "today" for the contact, else for the workflow. */
function zoneFor(context: IExecuteFunctions, { timezone }: Known): string {
	return timezone !== null && IANAZone.isValidZone(timezone) ? timezone : context.getTimezone();
}

function limit(given: string, label: string): number | undefined {
	if (given === '') return undefined;
	const value = Number(given);
	if (Number.isFinite(value)) return value;
	throw invalid(`'${label}' is not a number`, 'Write it in digits, such as 1 or 2.5');
}

function day(given: string, label: string): string | undefined {
	if (given === '') return undefined;
	// An expression may give a date with a time.
	const date = /^(today|\d{4}-\d{2}-\d{2})(?:T.*)?$/i.exec(given)?.[1]?.toLowerCase();
	if (date !== undefined) return date;
	throw invalid(`'${label}' is not a date`, "Write it as 2026-12-25, or 'today'");
}

function wholeNumber(given: unknown, label: string, least: number, most: number): number {
	const value = Number(given);
	if (Number.isInteger(value) && value >= least && value <= most) return value;
	throw invalid(`'${label}' is out of range`, `Give a whole number from ${least} to ${most}`);
}

const invalid = (message: string, hint: string) => storeError('InvalidInput', message, hint);
