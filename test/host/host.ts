import axios from 'axios';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { hostEnvironment } from './host-environment';
import { N8N_PROGRAM } from './paths';
import { freePort } from './ports';
import { startProgram } from './processes';
import { until } from './waiting';

/** How much of what n8n prints is kept. */
const LOG_LIMIT = 2_000_000;
const LOG_TAIL = 3_000;
/** n8n's own time to end (10 s here) and some more. */
const STOP_TIMEOUT = 40_000;
const READY_TIMEOUT = 180_000;

/** What {@link startHost} needs. */
export interface HostOptions {
	/** Holds n8n's `.n8n` folder; made when it is not there. */
	userFolder: string;
	/** Without it a free one is taken. */
	port?: number;
	/** Environment variables added to those of the host. */
	env?: Record<string, string>;
	/** Hears every chunk that n8n prints. */
	log?: (text: string) => void;
	/** What n8n shall be: `start` (default), `worker`, `webhook`, with arguments. */
	command?: string[];
	/** After a crash n8n sleeps for 10 s before it starts; with this it does not notice the crash. */
	skipCrashPause?: boolean;
}

/** A real n8n in a process of its own. It ends with the process that started it. */
export class Host {
	/** Address without a slash at the end. */
	readonly url: string;

	private child: ChildProcess | undefined;

	private output = '';

	constructor(
		readonly port: number,
		private readonly brokerPort: number,
		private readonly options: HostOptions,
	) {
		this.url = `http://127.0.0.1:${port}`;
	}

	/** The process, the newest one after a restart. */
	get process(): ChildProcess {
		if (!this.child) throw new Error('n8n was not started');
		return this.child;
	}

	/** Process id, which is also the id of its process group. */
	get pid(): number {
		return this.process.pid ?? 0;
	}

	/** Whether the process runs. */
	get running(): boolean {
		return this.child !== undefined && this.child.exitCode === null && !this.child.signalCode;
	}

	/** Starts the process (again). Resolves at once: see {@link waitReady}. */
	start(): void {
		if (this.running) throw new Error('n8n runs already');
		if (!existsSync(N8N_PROGRAM)) {
			throw new Error('n8n is not installed: run "node test/host/install.js" first');
		}
		const { userFolder, env, command = ['start'], skipCrashPause } = this.options;
		mkdirSync(userFolder, { recursive: true });
		if (skipCrashPause) rmSync(path.join(userFolder, '.n8n', 'crash.journal'), { force: true });
		const guard = path.join(__dirname, 'guard.js');
		const child = startProgram(N8N_PROGRAM, command, {
			execArgv: ['--require', guard],
			cwd: userFolder,
			env: hostEnvironment({ userFolder, port: this.port, brokerPort: this.brokerPort, env }),
			stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
			// A group of its own: Ctrl-C in a terminal reaches only the starter, which stops n8n cleanly,
			// and task runners can be killed along with n8n.
			detached: true,
		});
		child.stdout?.on('data', (chunk: Buffer) => this.keep(chunk.toString()));
		child.stderr?.on('data', (chunk: Buffer) => this.keep(chunk.toString()));
		child.once('error', (error) => this.keep(`${error.message}\n`));
		this.child = child;
		const killAtExit = (): void => this.signalGroup('SIGKILL');
		process.once('exit', killAtExit);
		child.once('exit', () => process.removeListener('exit', killAtExit));
	}

	/** Resolves when n8n can be used; rejects with its last words when it ends before. */
	async waitReady(timeout = READY_TIMEOUT): Promise<void> {
		const ask = async (): Promise<true | undefined> => {
			if (!this.running) throw new Error('n8n ended while it started');
			const answer = await axios
				.get(`${this.url}/healthz/readiness`, {
					validateStatus: () => true,
					timeout: 5_000,
					proxy: false,
				})
				.catch(() => undefined);
			return answer?.status === 200 ? true : undefined;
		};
		await until(ask, { what: 'n8n to be ready', timeout }).catch(async (error: Error) => {
			const lastWords = this.output.slice(-LOG_TAIL);
			return await Promise.reject(new Error(`${error.message}. It printed:\n${lastWords}`));
		});
	}

	/** Asks n8n to end and waits for it; after 40 s it is killed. */
	async stop(): Promise<void> {
		if (!this.running) return;
		const ended = this.exited();
		const timer = setTimeout(() => this.signalGroup('SIGKILL'), STOP_TIMEOUT);
		this.process.kill('SIGTERM');
		await ended;
		clearTimeout(timer);
		// A task runner that outlived n8n.
		this.signalGroup('SIGKILL');
	}

	/** Kills n8n without warning, as a crash or a power cut does. */
	async kill9(): Promise<void> {
		if (!this.running) return;
		const ended = this.exited();
		this.signalGroup('SIGKILL');
		await ended;
	}

	/** Stops n8n, starts it with the same data and address, and waits until it is ready. */
	async restart(): Promise<void> {
		await this.stop();
		this.start();
		await this.waitReady();
	}

	/** What n8n has printed, over all its restarts. */
	logs(): string {
		return this.output;
	}

	private keep(text: string): void {
		this.output = (this.output + text).slice(-LOG_LIMIT);
		this.options.log?.(text);
	}

	private async exited(): Promise<void> {
		const child = this.process;
		await new Promise<void>((resolve) => child.once('exit', () => resolve()));
	}

	private signalGroup(signal: NodeJS.Signals): void {
		if (!this.child?.pid) return;
		try {
			process.kill(-this.child.pid, signal);
		} catch (error) {
			// ESRCH: the whole group is gone already, which is what was wanted.
			if ((error as NodeJS.ErrnoException).code !== 'ESRCH') this.keep(`${String(error)}\n`);
		}
	}
}

/** Starts a real n8n; call {@link Host.waitReady} before using it and {@link Host.stop} after. */
export async function startHost(options: HostOptions): Promise<Host> {
	const host = new Host(options.port ?? (await freePort()), await freePort(), options);
	host.start();
	return host;
}
