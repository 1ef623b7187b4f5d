/* eslint-disable @n8n/community-nodes/no-dangerous-functions --
   Nodes must not start processes, which is what the rule is for. This is the tooling around the real
   n8n, it does not ship, and this file is the only one that starts any. */
import { execFile, fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { promisify } from 'node:util';

const OUTPUT_LIMIT = 64 * 1024 * 1024;
const execFileAsync = promisify(execFile);

const ESCAPE = String.fromCharCode(27);
/** A progress line up to where it was overwritten, and colours. */
const OVERWRITTEN = new RegExp(`[^\\n]*${ESCAPE}\\[999D${ESCAPE}\\[J`, 'g');
const CONTROLS = new RegExp(`${ESCAPE}\\[[0-9;?]*[A-Za-z]`, 'g');

/** What a terminal would show in the end. */
function readable(text = ''): string {
	return text.replace(OVERWRITTEN, '').replace(CONTROLS, '');
}

/** Starts a Node program on the Node that runs now. */
export function startProgram(
	file: string,
	args: string[] = [],
	options: ForkOptions = {},
): ChildProcess {
	return fork(file, args, options);
}

/** Runs a command to its end and returns what it printed; on failure the error has that. */
export async function runCommand(
	command: string,
	args: string[],
	cwd: string,
	env: Record<string, string> = {},
): Promise<string> {
	const shell = process.platform === 'win32';
	const options = { cwd, maxBuffer: OUTPUT_LIMIT, shell, env: { ...process.env, ...env } };
	return await execFileAsync(command, args, options).then(
		({ stdout }) => stdout,
		(error: Error & { stdout?: string; stderr?: string }) =>
			Promise.reject(
				new Error(
					`"${command} ${args.join(' ')}" failed:\n${readable(error.stdout)}${readable(error.stderr)}`,
				),
			),
	);
}
