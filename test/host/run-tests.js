'use strict';
/**
 * Runs the tests: `node test/host/run-tests.js [arguments for jest]`.
 *
 * Makes ready what the chosen tests need, first the real n8n and then the pack itself: inside the
 * tests, several files would want to do that at once, and a first installation outlasts any test.
 */
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { install } = require('./install.js');
const { environmentFor, ensureNode, ROOT } = require('./with-node.js');

const environment = environmentFor(ensureNode());

function run(script, args) {
	const { status } = spawnSync(process.execPath, [script, ...args], {
		cwd: ROOT,
		env: environment,
		stdio: 'inherit',
	});
	if (status !== 0) process.exit(status ?? 1);
}

async function main() {
	const args = process.argv.slice(2);
	await install((text) => process.stderr.write(text));
	run(path.join(__dirname, 'run-ts.js'), [path.join(__dirname, 'build.ts')]);
	run(require.resolve('jest/bin/jest'), args);
}

main().catch((error) => {
	process.stderr.write(`${error.message}\n`);
	process.exit(1);
});
