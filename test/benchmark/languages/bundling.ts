/* eslint-disable @n8n/community-nodes/no-dangerous-functions -- a fresh process is what is measured */
/** Bundles a candidate as the pack bundles its libraries: into one CommonJS file. */
import { build, type Plugin } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Candidate } from './candidates';

export interface Answer {
	/** A code of ISO 639, of two or three letters. */
	language: string;
	/** Whether it is over the detector's own threshold; true where it has none. */
	sure: boolean;
}
export type Detector = (text: string) => Answer | null | undefined | false | '';

export interface Bundle {
	/** Loads it anew; some keep which languages they were told. */
	load(only?: string[]): Promise<Detector>;
	/** Kilobytes, minified, with what it needs besides. */
	size: number;
	/** Kilobytes as in a tarball. */
	packed: number;
	/** Milliseconds of processor until a fresh process has the first answer, without Node's start. */
	milliseconds: number;
	/** Megabytes by which that process grows. */
	memory: number;
}

const loader = createRequire(__filename);
const PACKAGES = path.join(__dirname, 'node_modules');

/** Of all that the pack bundles, its language detection needs only the statistics. */
function withStatistics(statistics: string): Plugin {
	return {
		name: 'with-statistics',
		setup(builder) {
			builder.onResolve({ filter: /\/vendor$/ }, async () =>
				builder.resolve(statistics, { kind: 'import-statement', resolveDir: __dirname }),
			);
		},
	};
}

export async function bundle(candidate: Candidate): Promise<Bundle> {
	// Beside the packages, so that what cannot be bundled is found from there.
	const name = candidate.name.replaceAll(/[^a-z\d]+/giu, '-');
	const file = path.join(PACKAGES, '.bundles', `${name}.cjs`);
	await build({
		entryPoints: [path.join(__dirname, 'adapters', `${candidate.adapter}.mjs`)],
		outfile: file,
		// Where `variant` is resolved from.
		absWorkingDir: __dirname,
		bundle: true,
		minify: true,
		platform: 'node',
		target: 'node22',
		format: 'cjs',
		mainFields: ['module', 'main'],
		charset: 'utf8',
		alias: candidate.variant ? { variant: candidate.variant } : {},
		plugins: candidate.statistics ? [withStatistics(candidate.statistics)] : [],
		logLevel: 'error',
	});
	const besides = (candidate.files ?? []).map((each) =>
		path.join(PACKAGES, candidate.package ?? '', each),
	);
	const contents = [file, ...besides].map((each) => readFileSync(each));
	const kilobytes = (lengths: number[]) => lengths.reduce((sum, length) => sum + length, 0) / 1000;
	return {
		async load(only) {
			delete loader.cache[file];
			const adapter = loader(file) as { load(only?: string[]): Promise<Detector> };
			return await adapter.load(only);
		},
		size: kilobytes(contents.map(({ length }) => length)),
		packed: kilobytes(contents.map((content) => gzipSync(content).length)),
		...start(file),
	};
}

/** The best of three starts. */
function start(file: string): { milliseconds: number; memory: number } {
	const program = `
		const { rss } = process.memoryUsage();
		const start = process.cpuUsage();
		require(${JSON.stringify(file)}).load().then((detect) => {
			detect('where is my order');
			const { user, system } = process.cpuUsage(start);
			const milliseconds = (user + system) / 1000;
			const memory = (process.memoryUsage().rss - rss) / 1e6;
			process.stdout.write('\\n' + JSON.stringify({ milliseconds, memory }));
			process.exit();
		});`;
	const starts = [1, 2, 3].map(() => {
		const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
		const last = stdout.split('\n').at(-1) ?? '';
		return JSON.parse(last) as { milliseconds: number; memory: number };
	});
	return {
		milliseconds: Math.min(...starts.map(({ milliseconds }) => milliseconds)),
		memory: Math.min(...starts.map(({ memory }) => memory)),
	};
}
