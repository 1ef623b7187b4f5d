import { readFileSync } from 'node:fs';
import path from 'node:path';
import { mentions } from '../../nodes/decisions/text';

const page = readFileSync(path.join(__dirname, '../../docs/keywords.md'), 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\| (yes|no) +\|/gmu)].map(
	([, message, keyword, found]) => [message!, keyword!, found!] as const,
);

describe('docs/keywords.md', () => {
	test('has every row in a form that is tested', () => {
		const all = page.match(/^\| (?!message)(?!-)/gmu) ?? [];
		expect(rows).toHaveLength(all.length);
		expect(rows.length).toBeGreaterThan(50);
	});

	test.each(rows)('%p, %p: %s', (message, keyword, found) => {
		expect(mentions(message, keyword)).toBe(found === 'yes');
	});
});
