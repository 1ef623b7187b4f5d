/* eslint-disable @n8n/community-nodes/no-dangerous-functions -- npm gets what is compared */
/**
 * Compares ways to tell the language of chat messages: `npm run benchmark:languages`.
 * Prints tables in Markdown, as they stand in docs/languages.md.
 *
 * HALF: `test` (as documented), `tuning` or `all` of the messages.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { SCRIPT_LANGUAGES } from '../../../nodes/enrichment/languageScripts';
import { WORDS } from '../../../nodes/enrichment/languageWords';
import { bundle, type Bundle, type Detector } from './bundling';
import { CANDIDATES, PACK, type Candidate } from './candidates';
import * as corpus from './corpus';
import { answerOf, score, type Score } from './scoring';

const HALF = process.env.HALF ?? 'test';
const PACKAGES = path.join(__dirname, 'node_modules');

/** What the libraries are told to expect: the same languages that the pack knows. */
const KNOWN = [
	...Object.values(WORDS).flatMap((lists) => [...lists.keys()]),
	...Object.values(SCRIPT_LANGUAGES).map(({ language }) => language),
	...['ja', 'zh'],
];

const inHalf = <T extends { half: corpus.Half }>(all: T[]) =>
	all.filter(({ half }) => HALF === 'all' || half === HALF);
const messages = inHalf(corpus.readMessages());
const without = inHalf(corpus.readWithoutLanguage());
const brands = corpus.readWithBrands();
const romanized = corpus.readInLatinLetters();

const say = (line: string) => process.stdout.write(`${line}\n`);
const row = (cells: string[]) => say(`| ${cells.join(' | ')} |`);
const percent = (share: number) => (share * 100).toFixed(1);

function head(cells: string[]): void {
	say('');
	row(cells);
	row(cells.map((_, i) => (i === 0 ? '---' : '---:')));
}

/** The compared packages are no part of the project's own: they are fetched on first use. */
function install(): void {
	if (existsSync(path.join(PACKAGES, '.package-lock.json'))) return;
	const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
		cwd: __dirname,
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
	if (status !== 0) throw new Error('The packages to compare could not be installed (see above).');
}

function packageOf(candidate: Candidate): { version: string; license?: string } {
	if (!candidate.package) return { version: '' };
	const file = path.join(PACKAGES, candidate.package, 'package.json');
	return JSON.parse(readFileSync(file, 'utf8')) as { version: string; license?: string };
}

/** By processor time, the best of some rounds: others may use the machine, too. */
function messagesPerSecond(detect: Detector): number {
	const rates = Array.from({ length: 6 }, () => {
		const start = process.cpuUsage();
		messages.forEach(({ text }) => detect(text));
		const { user, system } = process.cpuUsage(start);
		return (messages.length / (user + system)) * 1e6;
	});
	return Math.max(...rates);
}

/** tinyld knows no Malay, eld no Indonesian: what they do where that is no matter. */
function withoutMalay({ byLanguage }: Score): number {
	const others = [...byLanguage].filter(([language]) => !['id', 'ms'].includes(language));
	return others.reduce((sum, [, { all }]) => sum + all, 0) / others.length;
}

/** How right a candidate is; where it can be told languages, also without having been. */
async function accuracyOf(candidate: Candidate, made: Bundle) {
	const unrestricted = score(await made.load(), messages);
	const detect = await made.load(candidate.restrictable ? KNOWN : undefined);
	const scored = score(detect, messages);
	const right = score(detect, brands);
	row([
		candidate.name,
		...corpus.LENGTHS.map((length) => percent(scored.byLength[length])),
		percent(scored.all),
		candidate.restrictable ? percent(unrestricted.all) : '–',
		percent(withoutMalay(scored)),
		percent(scored.surelyWrong),
		`${without.filter(({ text }) => answerOf(detect, text)).length} of ${without.length}`,
		`${brands.length - right.wrong.length} of ${brands.length}`,
	]);
	return { scored, detect };
}

function printLanguages({ byLanguage }: Score): void {
	head(['language', '1–3 words', '4–8', '9+', 'all']);
	for (const [language, shares] of byLanguage) {
		row([language, ...[...corpus.LENGTHS, 'all' as const].map((key) => percent(shares[key]))]);
	}
}

function printRomanized(detect: Detector): void {
	const answers = romanized.map(({ text }) => answerOf(detect, text)?.language ?? 'none');
	const right = romanized.filter(({ language }, i) => language === answers[i]).length;
	const silent = answers.filter((answer) => answer === 'none').length;
	say(`\nArabic and Hindi in Latin letters: ${right} of ${romanized.length}, none for ${silent}`);
}

async function main(): Promise<void> {
	install();
	const count = new Set(messages.map(({ language }) => language)).size;
	say(`${cpus()[0]?.model}, Node ${process.versions.node}`);
	say(`${messages.length} messages in ${count} languages (half: ${HALF})`);
	const costs: string[][] = [];
	let own: { scored: Score; detect: Detector } | undefined;
	head(
		`detector,1–3 words,4–8,9+,all,all: any language,all but id and ms,wrong but sure,answers to no language,with brands`.split(
			',',
		),
	);
	for (const candidate of CANDIDATES) {
		const made = await bundle(candidate);
		const measured = await accuracyOf(candidate, made);
		if (candidate === PACK) own = measured;
		const { version, license } = packageOf(candidate);
		costs.push([
			candidate.name,
			...[made.size, made.packed, made.memory, made.milliseconds].map((cost) => cost.toFixed(0)),
			messagesPerSecond(measured.detect).toFixed(0),
			[version, candidate.released && `(${candidate.released})`].filter(Boolean).join(' ') || '–',
			candidate.licence ?? license ?? '–',
		]);
	}
	head('detector,KB,KB packed,MB of memory,ms to start,messages/s,version,licence'.split(','));
	costs.forEach(row);
	if (!own) return;
	printLanguages(own.scored);
	printRomanized(own.detect);
}

void main();
