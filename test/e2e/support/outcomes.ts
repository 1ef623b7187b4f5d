import { readFileSync, readdirSync, existsSync } from 'node:fs';
import path from 'node:path';

/** A body as a provider sends it, and whether it opens a conversation for a new contact. */
export interface Sample {
	file: string;
	body: string;
	/** Undefined where the provider leaves it open. */
	opens: boolean | undefined;
}

const OWN = path.join(__dirname, '..', '..', 'channels', 'fixtures', 'whatsapp');
const SHARED = path.join(__dirname, '..', '..', '..', '..', 'shared', 'payloads');

/** The repository's own fixtures: each says what must happen. */
export function ownSamples(): Sample[] {
	return readdirSync(OWN)
		.filter((file) => file.endsWith('.json'))
		.sort()
		.map((file) => {
			const fixture = JSON.parse(readFileSync(path.join(OWN, file), 'utf8')) as {
				body: unknown;
				expect?: { messages?: Array<{ kind?: string; group?: string }> };
			};
			return { file, body: JSON.stringify(fixture.body), opens: opensByFixture(fixture) };
		});
}

function opensByFixture(fixture: {
	expect?: { messages?: Array<{ kind?: string; group?: string }> };
}): boolean {
	return (fixture.expect?.messages ?? []).some(
		({ kind, group }) => (kind ?? 'message') === 'message' && group === undefined,
	);
}

/** A collection of real bodies beside the repository, where there is one; its README is the table. */
export function sharedSamples(): Sample[] {
	const readme = path.join(SHARED, 'README.md');
	if (!existsSync(readme)) return [];
	const [, section = ''] = readFileSync(readme, 'utf8').split(/^## whatsapp$/m);
	const table = section.split(/^## /m)[0] ?? '';
	const samples: Sample[] = [];
	for (const line of table.split('\n')) {
		const [, file, opens] = line.split('|').map((cell) => cell.trim());
		if (!file?.endsWith('.json') || opens === undefined) continue;
		samples.push({
			file,
			body: readFileSync(path.join(SHARED, 'whatsapp', file), 'utf8'),
			opens: opens === 'maybe' ? undefined : opens.startsWith('yes'),
		});
	}
	return samples;
}
