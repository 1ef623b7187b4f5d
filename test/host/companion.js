'use strict';
/**
 * Runs a command that ends with the process that started it, however that one died: the channel
 * between the two closes even after a kill -9. `fork(companion.js, [command, ...args])`.
 */
const { spawn } = require('node:child_process');

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: 'inherit' });

process.on('disconnect', () => child.kill('SIGKILL'));
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('error', (error) => {
	process.stderr.write(`Cannot run "${command}": ${error.message}\n`);
	process.exit(127);
});
child.on('exit', (code) => process.exit(code ?? 1));
