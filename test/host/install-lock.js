'use strict';
const fs = require('node:fs');

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Ended, but nobody has asked how: in a container without an init process that stays so. */
function isZombie(pid) {
	const file = `/proc/${pid}/stat`;
	return fs.existsSync(file) && /\) [ZX] /.test(fs.readFileSync(file, 'utf8'));
}

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return !isZombie(pid);
	} catch (error) {
		// EPERM: it lives, but belongs to somebody else.
		return error.code === 'EPERM';
	}
}

/** The living process that holds the lock, or undefined when all were killed while they held it. */
function holder(file) {
	try {
		const pids = fs.readFileSync(file, 'utf8').split('\n').map(Number);
		return pids.find((pid) => pid > 0 && isAlive(pid));
	} catch {
		return undefined;
	}
}

/**
 * Runs `work` while no other process holds the lock file; a lock whose owner died is taken over.
 * `work` gets a function that adds a process (npm) which may outlive a killed owner.
 */
async function withLock(file, print, work) {
	let told = false;
	for (;;) {
		try {
			fs.writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
			break;
		} catch (error) {
			if (error.code !== 'EEXIST') throw error;
			const pid = holder(file);
			if (pid === undefined) {
				fs.rmSync(file, { force: true });
				continue;
			}
			if (!told) print(`Waiting for another installation (process ${pid}) ...\n`);
			told = true;
			await sleep(500);
		}
	}
	try {
		return await work((pid) => fs.appendFileSync(file, `${pid}\n`));
	} finally {
		fs.rmSync(file, { force: true });
	}
}

module.exports = { withLock };
