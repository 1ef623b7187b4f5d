import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What happens to a commit: it never arrives, or its answer never does. */
export type Cut = 'commit' | 'answer';

/** Between a store and its server: breaks a connection exactly while a transaction is committed. */
export interface CuttingProxy {
	port: number;
	/** The next commits, in turn; those after them pass. */
	cuts: Cut[];
	/** Runs while the connection of a cut is still open. */
	beforeCut: () => Promise<void>;
	close(): void;
}

/** As the client sends it, and as the server confirms it (protocol 3.0: text ends with a zero byte). */
const COMMIT = 'commit\0';
const COMMITTED = 'COMMIT\0';

export async function startCuttingProxy(target: {
	host: string;
	port: number;
}): Promise<CuttingProxy> {
	const sockets = new Set<Socket>();
	const server = createServer((client) => {
		const upstream = connect(target);
		for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
		const cut = async () => {
			await proxy.beforeCut();
			client.destroy();
			upstream.destroy();
		};
		let awaitsAnswer = false;
		client.on('data', (data) => {
			if (data.includes(COMMIT) && proxy.cuts.length > 0) {
				if (proxy.cuts.shift() === 'commit') return void cut();
				awaitsAnswer = true;
			}
			upstream.write(data);
		});
		upstream.on('data', (data) => {
			if (awaitsAnswer && data.includes(COMMITTED)) return void cut();
			client.write(data);
		});
		client.on('close', () => upstream.destroy());
		upstream.on('close', () => client.destroy());
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const proxy: CuttingProxy = {
		port: (server.address() as AddressInfo).port,
		cuts: [],
		beforeCut: async () => {},
		close() {
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
	return proxy;
}
