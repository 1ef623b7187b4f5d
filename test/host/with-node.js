'use strict';
/**
 * Runs a command with Node 24 first in PATH: `node test/host/with-node.js <command> [args]`.
 *
 * n8n and the pack need Node 24; a developer's machine may have an older one. The devDependency
 * `node` brings the binary, but scripts are off (.npmrc), so it is fetched here, once, on demand.
 * This file itself has to run on any Node from 18 on, hence plain JavaScript.
 */
const { spawn, spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const path = require('node:path');

const MINIMUM_MAJOR = 24;
const ROOT = path.resolve(__dirname, '..', '..');
const BINARY_NAME = process.platform === 'win32' ? 'node.exe' : 'node';
const PACKAGE_BINARY = path.join(ROOT, 'node_modules', 'node', 'bin', BINARY_NAME);

/** The major version that a Node binary reports; 0 when it cannot be run (half a download). */
function majorOf(binary) {
	if (!existsSync(binary)) return 0;
	const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
	return Number(/^v(\d+)/.exec(stdout ?? '')?.[1] ?? 0);
}

/** Runs npm and waits. The npm that started us is used when there is one. */
function npm(args, options) {
	const script = process.env.npm_execpath;
	if (script && /npm-cli\.c?js$/.test(script)) {
		return spawnSync(process.execPath, [script, ...args], options);
	}
	return spawnSync('npm', args, { shell: process.platform === 'win32', ...options });
}

/** The path of a Node binary that is new enough; fetches it when it is not there yet. */
function ensureNode() {
	if (Number(process.versions.node.split('.')[0]) >= MINIMUM_MAJOR) return process.execPath;
	if (majorOf(PACKAGE_BINARY) >= MINIMUM_MAJOR) return PACKAGE_BINARY;
	if (!existsSync(path.join(ROOT, 'node_modules', 'node', 'package.json'))) {
		throw new Error('The packages of this project are not installed: run "npm ci" first.');
	}
	process.stderr.write(
		`Node ${process.versions.node} is too old for n8n: getting Node ${MINIMUM_MAJOR} (once) ...\n`,
	);
	const result = npm(['rebuild', 'node', '--ignore-scripts=false'], {
		cwd: ROOT,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	if (result.status !== 0 || majorOf(PACKAGE_BINARY) < MINIMUM_MAJOR) {
		process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
		throw new Error(
			`Node ${MINIMUM_MAJOR} could not be installed (see above). Install Node ${MINIMUM_MAJOR} or newer by hand, or run "npm rebuild node --ignore-scripts=false" again.`,
		);
	}
	return PACKAGE_BINARY;
}

/** The environment in which `node` means the given binary. */
function environmentFor(nodeBinary, base = process.env) {
	// Windows spells it "Path"; a second key would be ignored there.
	const key = Object.keys(base).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
	const folders = [path.dirname(nodeBinary), path.join(ROOT, 'node_modules', '.bin')];
	return { ...base, [key]: [...folders, base[key]].filter(Boolean).join(path.delimiter) };
}

function main() {
	const [command, ...args] = process.argv.slice(2);
	if (!command) {
		process.stderr.write('Usage: node test/host/with-node.js <command> [args]\n');
		process.exit(2);
	}
	let nodeBinary;
	try {
		nodeBinary = ensureNode();
	} catch (error) {
		process.stderr.write(`${error.message}\n`);
		process.exit(1);
	}
	const child = spawn(command === 'node' ? nodeBinary : command, args, {
		env: environmentFor(nodeBinary),
		stdio: 'inherit',
		// npm's commands are .cmd files there, which only a shell can start.
		shell: process.platform === 'win32' && command !== 'node',
	});
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.on(signal, () => {
			// Ctrl-C in a terminal reaches the whole process group: the child has it already.
			if (signal === 'SIGINT' && process.stdin.isTTY) return;
			child.kill(signal);
		});
	}
	child.on('error', (error) => {
		process.stderr.write(`Cannot run "${command}": ${error.message}\n`);
		process.exit(127);
	});
	child.on('exit', (code, signal) => {
		if (signal) {
			process.removeAllListeners(signal);
			process.kill(process.pid, signal);
			return;
		}
		process.exit(code ?? 1);
	});
}

module.exports = { ensureNode, environmentFor, ROOT };

if (require.main === module) main();
