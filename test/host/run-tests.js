'use strict';
/**
 * Runs the tests: `node test/host/run-tests.js [pack|e2e] [arguments for jest]`.
 *
 * Makes ready what the tests need, first the real n8n and then the pack itself: inside the tests,
 * several files would want to do that at once, and a first installation outlasts any test. Then the
 * two projects run one after the other: tests against a real n8n want the machine for themselves.
 *
 * With `--outputFile=FILE` each project writes its own, `FILE.pack` and `FILE.e2e`.
 */
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { install } = require('./install.js');
const { environmentFor, ensureNode, ROOT } = require('./with-node.js');

const environment = environmentFor(ensureNode());

/** Returns the exit code. */
function run(script, args) {
	const { status } = spawnSync(process.execPath, [script, ...args], {
		cwd: ROOT,
		env: environment,
		stdio: 'inherit',
	});
	return status ?? 1;
}

/** The projects of jest.config.js, with what each wants besides. */
const PROJECTS = { pack: ['--maxWorkers=2'], e2e: ['--runInBand'] };

function runProject(project, args) {
	const own = args.map((arg) => (arg.startsWith('--outputFile=') ? `${arg}.${project}` : arg));
	const options = [`--selectProjects=${project}`, ...PROJECTS[project], ...own];
	return run(require.resolve('jest/bin/jest'), options);
}

async function main() {
	const [first, ...rest] = process.argv.slice(2);
	const only = first !== undefined && first in PROJECTS ? first : undefined;
	const args = only ? rest : process.argv.slice(2);
	await install((text) => process.stderr.write(text));
	const built = run(path.join(__dirname, 'run-ts.js'), [path.join(__dirname, 'build.ts')]);
	if (built !== 0) process.exit(built);
	const projects = only ? [only] : Object.keys(PROJECTS);
	// All of them, also when one fails: the second may say why.
	const codes = projects.map((project) => runProject(project, args));
	process.exitCode = codes.find((code) => code !== 0) ?? 0;
}

main().catch((error) => {
	process.stderr.write(`${error.message}\n`);
	process.exit(1);
});
