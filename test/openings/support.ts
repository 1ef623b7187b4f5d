import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ItemInput, Mapped, Opening } from '../../nodes/openings/opening';

export const NOW = Date.UTC(2026, 0, 1, 12);

export const itemOf = (json: unknown, files: ItemInput['files'] = []): ItemInput => ({
	json: json as ItemInput['json'],
	files,
	now: NOW,
});

/** The one opening that a mapping gave. */
export function openingIn(mapped: Mapped[]): Opening {
	expect(mapped).toEqual([{ opening: expect.anything() }]);
	return (mapped as Array<{ opening: Opening }>)[0]!.opening;
}

export const ignored = (reason: string | RegExp) => [{ ignored: expect.stringMatching(reason) }];

export const refused = (sentence: string, hint: string) => [
	{
		problem: {
			sentence: expect.stringContaining(sentence),
			hint: expect.stringContaining(hint),
		},
	},
];

/** What a mapping may give for any item at all. */
export function expectSoundMapping(mapped: Mapped[]): void {
	expect(mapped.length).toBeGreaterThan(0);
	for (const each of mapped) {
		if ('ignored' in each) expect(each.ignored).toMatch(/\.$/);
		else if ('problem' in each) {
			expect(each.problem.sentence).toMatch(/[^.]$/);
			expect(each.problem.hint).not.toBe('');
		} else {
			const { opening } = each;
			expect(opening.contact.identities.length).toBeGreaterThan(0);
			for (const { id } of opening.contact.identities) expect(id).toMatch(/\S/);
			if (!opening.message) continue;
			expect(typeof opening.message.text).toBe('string');
			expect(Number.isFinite(opening.message.sentAt)).toBe(true);
			for (const value of Object.values(opening.message)) expect(value).not.toBeUndefined();
		}
	}
}

/** Bodies from official documents and the tests of other products; beside the repository, or nowhere. */
const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads');

export function samples(folder: string): Array<{ file: string; json: unknown }> {
	const place = path.join(SAMPLES, folder);
	if (!existsSync(place)) return [];
	return readdirSync(place).map((file) => ({
		file,
		json: JSON.parse(readFileSync(path.join(place, file), 'utf8')) as unknown,
	}));
}
