'use strict';
const { spawn } = require('node:child_process');

/** How often a line is written where nothing can be overwritten (a log). */
const LOG_INTERVAL = 15_000;
const TTY_INTERVAL = 1_000;
/** What a failed command may show of its output. */
const TAIL = 4_000;
/** Time for a command to end in order. */
const PATIENCE = 2_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Signals a command and what it has started. */
function signalGroup(child, signal) {
	try {
		if (process.platform === 'win32') child.kill(signal);
		else process.kill(-child.pid, signal);
	} catch (error) {
		// ESRCH: it has ended, which is what was wanted.
		if (error.code !== 'ESRCH') throw error;
	}
}

/**
 * Runs a command quietly, with one line that tells how far it is; on failure its last output is in
 * the error. `detail` returns what to show beside the elapsed time; `onStart` gets the process id.
 */
async function runWithProgress({ title, command, args, cwd, environment, detail, print, onStart }) {
	const started = Date.now();
	const overwrite = Boolean(process.stdout.isTTY);
	let shown = 0;
	const show = (ending) => {
		const seconds = Math.round((Date.now() - started) / 1000);
		const more = detail ? `, ${detail()}` : '';
		const text = `${title}: ${seconds} s${more}${ending}`;
		print(overwrite ? `\r${text.padEnd(shown)}` : `${text}\n`);
		shown = text.length;
	};
	show(' ...');
	const child = spawn(command, args, {
		cwd,
		env: environment,
		stdio: ['ignore', 'pipe', 'pipe'],
		shell: process.platform === 'win32',
		// A group of its own, so that compilers started by npm can be ended along with it.
		detached: process.platform !== 'win32',
	});
	let output = '';
	const keep = (chunk) => {
		output = (output + chunk).slice(-TAIL);
	};
	child.stdout.on('data', keep);
	child.stderr.on('data', keep);
	const timer = setInterval(() => show(' ...'), overwrite ? TTY_INTERVAL : LOG_INTERVAL);
	if (child.pid) onStart?.(child.pid);
	// An interrupted installer must not leave npm at work on the same folder; npm is slow to listen.
	let interrupted = false;
	const interrupt = () => {
		interrupted = true;
		signalGroup(child, 'SIGTERM');
		setTimeout(() => signalGroup(child, 'SIGKILL'), PATIENCE).unref();
	};
	for (const signal of SIGNALS) process.on(signal, interrupt);
	try {
		const code = await new Promise((resolve, reject) => {
			child.once('error', reject);
			child.once('close', resolve);
		});
		if (interrupted) throw new Error(`Interrupted: "${command} ${args.join(' ')}"`);
		if (code !== 0) {
			throw new Error(`"${command} ${args.join(' ')}" failed with code ${code}:\n${output}`);
		}
		show(', done');
	} finally {
		clearInterval(timer);
		for (const signal of SIGNALS) process.removeListener(signal, interrupt);
		if (overwrite) print('\n');
	}
}

module.exports = { runWithProgress };
