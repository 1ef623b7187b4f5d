import { randomInt } from 'node:crypto';
import net from 'node:net';

/**
 * Below the range from which systems give ports to outgoing connections (RFC 6335: 49152 and up;
 * Linux: 32768 and up). In it, a client that keeps asking for a server that is down may be given the
 * server's own port, connect to itself, and keep the server from coming back.
 */
const LOWEST = 15_000;
const HIGHEST = 30_000;

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = randomInt(LOWEST, HIGHEST);
		if (await isFree(port)) return port;
	}
}

/** Whether nobody listens on the port. */
export async function isFree(port: number): Promise<boolean> {
	return await new Promise<boolean>((resolve) => {
		const server = net.createServer();
		server.once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}
