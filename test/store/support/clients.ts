/* eslint-disable @n8n/community-nodes/no-dangerous-functions -- real processes are what is tested */
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Clients } from './claimer';

const ROOT = join(__dirname, '..', '..', '..');

/** Clients in one process. */
const IN_ONE = 16;

/** The program of the client processes, as one file in `folder`. */
export function bundleClaimer(folder: string): string {
	const file = join(folder, 'claimer.js');
	const esbuild = join(ROOT, 'node_modules', '.bin', 'esbuild');
	execFileSync(esbuild, [
		join(__dirname, 'claimer.ts'),
		...['--bundle', '--platform=node', '--log-level=error', '--external:pg-native'],
		`--outfile=${file}`,
	]);
	return file;
}

/**
 * Lets so many clients begin at the same moment, in processes of at most 16.
 *
 * @returns what they printed, what they complained of, and how long it took (seconds)
 */
export async function runClients(
	program: string,
	input: Omit<Clients, 'first' | 'count'>,
): Promise<{ lines: string[]; errors: string; seconds: number }> {
	const lines: string[] = [];
	let errors = '';
	const processes = [];
	for (let first = 0; first < input.all; first += IN_ONE) {
		const count = Math.min(IN_ONE, input.all - first);
		const clients: Clients = { ...input, first, count };
		const child = spawn(process.execPath, [program, JSON.stringify(clients)], { stdio: 'pipe' });
		child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
		// One that failed reads no more.
		child.stdin.on('error', () => {});
		const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
		const ready = new Promise<void>((resolve) => {
			createInterface({ input: child.stdout }).on('line', (line) => {
				if (line === 'ready') resolve();
				else lines.push(line);
			});
		});
		processes.push({ child, ended, ready: Promise.race([ready, ended]) });
	}
	await Promise.all(processes.map(async ({ ready }) => await ready));
	const began = performance.now();
	for (const { child } of processes) child.stdin.write('go\n');
	await Promise.all(processes.map(async ({ ended }) => await ended));
	return { lines, errors, seconds: (performance.now() - began) / 1000 };
}
