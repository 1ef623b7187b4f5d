'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { runWithProgress } = require('./install-progress.js');
const { ROOT } = require('./with-node.js');

/** Whether n8n's database driver can be loaded by the Node that n8n will run on. */
function sqliteWorks(modules, environment) {
	if (!fs.existsSync(path.join(modules, 'sqlite3', 'build'))) return false;
	const probe = 'new (require("sqlite3").Database)(":memory:", (e) => process.exit(e ? 1 : 0))';
	return spawnSync('node', ['-e', probe], { cwd: modules, env: environment }).status === 0;
}

/** The folder with `include/node` of that very Node; headers of another version would not do. */
function headersOf(nodeBinary) {
	const candidates = [path.resolve(path.dirname(nodeBinary), '..')];
	const nested = path.join(ROOT, 'node_modules', 'node', 'node_modules');
	for (const folder of [nested, path.join(ROOT, 'node_modules')]) {
		if (!nodeBinary.startsWith(path.join(ROOT, 'node_modules')) || !fs.existsSync(folder)) continue;
		const names = fs.readdirSync(folder).filter((name) => /^node-(bin-)?[a-z0-9]+-/.test(name));
		candidates.push(...names.map((name) => path.join(folder, name)));
	}
	return candidates.find((folder) =>
		fs.existsSync(path.join(folder, 'include', 'node', 'node_api.h')),
	);
}

function runs(command) {
	return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** What is missing to compile, in words; empty when everything is there. */
function missingTools() {
	if (process.platform === 'win32') return [];
	const compiler = [process.env.CXX, 'c++', 'g++', 'clang++'].filter(Boolean).some(runs);
	const python = [process.env.PYTHON, 'python3', 'python'].filter(Boolean).some(runs);
	return [
		compiler ? '' : 'a C++ compiler',
		runs('make') ? '' : 'make',
		python ? '' : 'Python 3',
	].filter(Boolean);
}

/** Compiles sqlite3, the only package of n8n that needs it (about a minute). */
async function buildSqlite({ folder, nodeBinary, environment, print, onStart }) {
	const missing = missingTools();
	if (missing.length > 0) {
		throw new Error(
			`n8n's database driver has to be compiled, and this machine lacks ${missing.join(', ')}. ` +
				'Install them and start again: on Debian or Ubuntu "apt-get install g++ make python3", ' +
				'on Fedora "dnf install gcc-c++ make python3", on macOS "xcode-select --install".',
		);
	}
	const headers = headersOf(nodeBinary);
	const env = { ...environment, npm_config_ignore_scripts: 'false' };
	// A machine-wide nodedir may point at another version. Without headers node-gyp fetches them.
	for (const name of Object.keys(env)) if (/^npm_config_nodedir$/i.test(name)) delete env[name];
	if (headers) env.npm_config_nodedir = headers;
	await runWithProgress({
		title: "Compiling n8n's database driver (once; about a minute)",
		command: 'npm',
		args: ['rebuild', 'sqlite3', '--ignore-scripts=false'],
		cwd: folder,
		environment: env,
		print,
		onStart,
	});
	if (!sqliteWorks(path.join(folder, 'node_modules'), environment)) {
		throw new Error(
			`n8n's database driver was compiled but does not load in ${nodeBinary}. Delete ${path.join(folder, 'node_modules', 'sqlite3')} and start again.`,
		);
	}
}

module.exports = { buildSqlite, sqliteWorks };
