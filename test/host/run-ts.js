'use strict';
/**
 * Runs a TypeScript file: `node test/host/run-ts.js <file.ts> [args]`.
 *
 * Node strips types by itself but wants file extensions in imports, which the sources (built by tsc
 * as CommonJS) do not have. So each file is translated by esbuild when it is required; unlike a
 * bundle this keeps `__dirname` and the lines in stack traces.
 */
const { transformSync } = require('esbuild');
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

process.setSourceMapsEnabled(true);

Module._extensions['.ts'] = (module, filename) => {
	const { code } = transformSync(readFileSync(filename, 'utf8'), {
		loader: 'ts',
		format: 'cjs',
		platform: 'node',
		target: 'node24',
		sourcefile: filename,
		sourcemap: 'inline',
	});
	module._compile(code, filename);
};

const [entry] = process.argv.splice(2, 1);
if (!entry) {
	process.stderr.write('Usage: node test/host/run-ts.js <file.ts> [args]\n');
	process.exit(2);
}
process.argv[1] = path.resolve(entry);
require(process.argv[1]);
