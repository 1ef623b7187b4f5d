import { createHash } from 'node:crypto';
import { parseExactJson } from '../channels/exactJson';
import { mapAnswer, mappingProblem } from '../enrichment/lookupAnswer';
import { buildLookup, type LookupFacts, type LookupRequest } from '../enrichment/lookupRequest';
import type { WriteMode } from '../store/operations/enrichContact';
import type { StoredLookup } from '../store/operations/lookups';
import type { ConversationItem } from '../store/views';
import { sourceFailure } from './failure';
import type { LookupSettings } from './settings';
import type { Found, Source } from './sources';

/** Asks another system about the contact, or the store whether it has asked lately. */
export const lookup: Source = async (item, { lookup: settings }, tools) => {
	const problem = mappingProblem(settings.fields);
	if (problem !== null) throw sourceFailure(problem);
	const built = buildLookup(settings.template, factsOf(item));
	if ('problem' in built) throw sourceFailure(built.problem);
	if ('missing' in built) return { output: null, skipped: true, reason: built.missing };
	const access = await tools.access.lookup();
	const key = keyOf(built.request, item.contact.key, access.fingerprint);
	const stored = await kept(settings, async () => await access.read(key));
	if (stored?.fresh) return foundOf(stored.answer, settings, { cached: true });
	if (stored && stored.answer !== null) {
		tools.otherwise(foundOf(stored.answer, settings, { cached: true, stale: true }));
	}
	const { status, body } = await access.call(built.request, tools.signal);
	const answer = answerOf(status, body);
	const lifetime = answer === null ? settings.notFoundLifetime : settings.lifetime;
	if (lifetime > 0 && !tools.signal.aborted) {
		// A cache that cannot be written costs another question, not the answer.
		await access.write(key, answer, lifetime).catch(() => {});
	}
	return foundOf(answer, settings, { cached: false });
};

function factsOf({ contact, conversation, message }: ConversationItem): LookupFacts {
	const { phone, email, name, language, country, key: contactKey, fields } = contact;
	const { channel } = conversation;
	return {
		...{ phone, email, name, language, country, contactKey, channel, fields },
		message: message?.text ?? null,
	};
}

/**
 * What is asked, of whom and by whom. The contact is part of it, so that an erasure finds everything
 * that was answered about one; what is taken from the answer is not, so that it may change.
 */
function keyOf(request: LookupRequest, contactKey: string, fingerprint: string): string {
	const { method, url, headers, body } = request;
	const asked = JSON.stringify([1, method, url, headers, body, contactKey, fingerprint]);
	return createHash('sha256').update(asked).digest('hex');
}

/** What the cache holds and this node wants from it. */
async function kept(
	{ lifetime, notFoundLifetime }: LookupSettings,
	read: () => Promise<StoredLookup | null>,
): Promise<StoredLookup | null> {
	if (lifetime <= 0 && notFoundLifetime <= 0) return null;
	const stored = await read().catch(() => null);
	if (stored === null) return null;
	return (stored.answer === null ? notFoundLifetime : lifetime) > 0 ? stored : null;
}

/** The answer as JSON, or null where there is no such contact. */
function answerOf(status: number, body: Buffer): string | null {
	if (status === 404 || status === 204 || status === 410) return null;
	if (status === 401 || status === 403) {
		throw sourceFailure(
			`The other system does not accept the credential (${status}). Check it, and what it may read`,
		);
	}
	if (status === 429) throw sourceFailure('The other system was asked too often (429)', true);
	if (status >= 500) throw sourceFailure(`The other system has a fault (${status})`, true);
	if (status < 200 || status >= 300) {
		throw sourceFailure(
			`The other system refuses the request (${status}). Check method, URL and body of the look-up`,
		);
	}
	try {
		return JSON.stringify(parseExactJson(body));
	} catch {
		throw sourceFailure('The answer of the other system is not JSON');
	}
}

function foundOf(
	answer: string | null,
	{ fields: rows }: LookupSettings,
	how: { cached: boolean; stale?: true },
): Found {
	if (answer === null) return { output: null };
	const { fields, tags } = mapAnswer(JSON.parse(answer), rows);
	if (Object.keys(fields).length === 0 && tags.length === 0) return { output: null };
	const modes: Record<string, WriteMode> = {};
	for (const { field, mode } of rows) if (mode !== 'default') modes[field.trim()] ??= mode;
	return { output: { fields, tags, ...how }, save: fields, modes, tags };
}
