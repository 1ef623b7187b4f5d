import net from 'node:net';

async function listenOnce(port: number): Promise<number> {
	return await new Promise<number>((resolve, reject) => {
		const server = net.createServer();
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
		});
	});
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
	return await listenOnce(0);
}

/** Whether nobody listens on the port. */
export async function isFree(port: number): Promise<boolean> {
	return await listenOnce(port).then(
		() => true,
		() => false,
	);
}
