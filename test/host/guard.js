'use strict';
/**
 * Loaded into n8n's process ahead of n8n (`node --require`): ends it when the process that started
 * it is gone, however that one died. The channel between the two closes even after a kill -9.
 */
const FORCE_AFTER = 5_000;

if (process.channel) {
	process.on('disconnect', () => {
		// Nobody reads what n8n prints any more, and that error would keep it from ending in order.
		for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
		process.kill(process.pid, 'SIGTERM');
		setTimeout(() => process.kill(-process.pid, 'SIGKILL'), FORCE_AFTER).unref();
	});
	// Listening must not keep a process alive that has nothing else to do.
	process.channel.unref();
}
