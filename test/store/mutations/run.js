'use strict';
/**
 * Breaks the store in one place at a time and sees the suites fail: `npm run test:mutations`, or
 * `npm run test:mutations -- <part of a name>` for some of them. Each mutation is made in a copy, so
 * the work tree stays as it is. Ends with an error when one of them survives, when its text is not
 * found exactly once, or when the copy fails without any.
 */
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startServer } = require('../../postgres/server.js');
const mutations = require('./mutations.js');

const ROOT = path.resolve(__dirname, '..', '..', '..');
const COPIED = [
	'nodes',
	'test/store',
	'test/decisions/support',
	'test/nodes/support/until.ts',
	'test/postgres',
	'jest.config.js',
	'package.json',
	'tsconfig.json',
];
const EVERYWHERE = ['properties.test.ts'];

/** The same sequences each time, and no search for the shortest: that they fail is what is asked. */
const SEQUENCES = {
	CONVERSATION_STORE_TEST_SEED: process.env.CONVERSATION_STORE_TEST_SEED ?? '1',
	CONVERSATION_STORE_TEST_RUNS: process.env.CONVERSATION_STORE_TEST_RUNS ?? '20',
	CONVERSATION_STORE_TEST_SHRINK: 'no',
};

function copyOfTheTree() {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conversations-mutation-'));
	for (const name of COPIED) {
		fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
	}
	fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
	return folder;
}

/** @param {import('./mutations.js')[number]} mutation */
function mutate(folder, { name, changes }) {
	for (const { file, find, replace } of changes) {
		const target = path.join(folder, file);
		const parts = fs.readFileSync(target, 'utf8').split(find);
		if (parts.length !== 2) {
			throw new Error(
				`"${name}" does not apply: its text is in ${file} ${parts.length - 1} times, not once. Adjust mutations.js.`,
			);
		}
		fs.writeFileSync(target, parts.join(replace));
	}
}

/** Runs the test files in the copy; the names of the tests that failed. */
async function failuresIn(folder, files, engine, environment) {
	const report = path.join(folder, 'report.json');
	const only =
		files.includes('plans.test.ts') || !engine ? [] : ['--testNamePattern', `^${engine} `];
	const jest = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
	const pattern = files.map((file) => `test/store/${file.replaceAll('.', '\\.')}$`).join('|');
	const child = spawn(
		process.execPath,
		[
			jest,
			'--selectProjects=pack',
			`--testPathPatterns=${pattern}`,
			'--json',
			`--outputFile=${report}`,
			...only,
		],
		{
			cwd: folder,
			env: { ...process.env, ...environment, ...SEQUENCES, CI: 'true' },
			stdio: 'pipe',
		},
	);
	let printed = '';
	const keep = (text) => {
		printed += String(text);
	};
	child.stdout.on('data', keep);
	child.stderr.on('data', keep);
	await new Promise((resolve) => child.once('close', resolve));
	if (!fs.existsSync(report)) throw new Error(`Jest did not run:\n${printed}`);
	const { success, numTotalTests, testResults } = JSON.parse(fs.readFileSync(report, 'utf8'));
	if (numTotalTests === 0) throw new Error(`No test was found in ${files.join(', ')}:\n${printed}`);
	const failed = testResults.flatMap(({ name, message, assertionResults }) => {
		const file = path.basename(name);
		const tests = assertionResults.filter(({ status }) => status === 'failed');
		// A file that could not even be loaded proves nothing.
		if (message && assertionResults.length === 0) throw new Error(`${file}:\n${message}`);
		return tests.map(({ fullName }) => `${file}: ${fullName}`);
	});
	if (!success && failed.length === 0) throw new Error(`Jest failed without a test:\n${printed}`);
	return failed;
}

async function inCopy(work) {
	const folder = copyOfTheTree();
	try {
		return await work(folder);
	} finally {
		fs.rmSync(folder, { recursive: true, force: true });
	}
}

const print = (...cells) => process.stdout.write(`${cells.join(' · ')}\n`);

async function main() {
	const [part = ''] = process.argv.slice(2);
	const chosen = mutations
		.filter(({ name }) => name.includes(part))
		.map((mutation) => ({ engine: 'SQLite', tests: EVERYWHERE, ...mutation }));
	if (chosen.length === 0) throw new Error(`No mutation has "${part}" in its name.`);
	// All texts first: nobody waits half an hour to learn that one does not apply.
	for (const mutation of chosen) await inCopy((folder) => mutate(folder, mutation));

	const server = await startServer();
	const { host, port, user, password, database } = server.connection;
	const environment = {
		PGHOST: host,
		PGPORT: String(port),
		PGUSER: user,
		PGPASSWORD: password,
		PGDATABASE: database,
	};
	const survivors = [];
	try {
		const files = [...new Set(chosen.flatMap(({ tests }) => tests))];
		const broken = await inCopy((folder) => failuresIn(folder, files, undefined, environment));
		if (broken.length > 0) throw new Error(`Fails unmutated:\n${broken.join('\n')}`);
		print('mutation', 'invariant', 'caught by', 'engine');
		for (const mutation of chosen) {
			const { name, invariant, tests, engine } = mutation;
			const failed = await inCopy((folder) => {
				mutate(folder, mutation);
				return failuresIn(folder, tests, engine, environment);
			});
			if (failed.length === 0) survivors.push(name);
			const more = failed.length > 1 ? ` and ${failed.length - 1} more` : '';
			print(name, invariant, failed.length > 0 ? `${failed[0]}${more}` : 'NOBODY', engine);
		}
	} finally {
		await server.stop();
	}
	if (survivors.length > 0) throw new Error(`Survived:\n${survivors.join('\n')}`);
	process.stdout.write(`${chosen.length} mutations, each caught\n`);
}

main().catch((error) => {
	process.stderr.write(`${error.message}\n`);
	// Not `exitCode`: the package that starts PostgreSQL ends the process in its own way.
	process.exit(1);
});
