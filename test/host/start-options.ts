import { parseArgs } from 'node:util';

/** What `npm start` understands. */
export interface StartOptions {
	demo: boolean;
	exit: boolean;
	fresh: boolean;
	help: boolean;
	port: number;
}

const DEFAULT_PORT = 5678;
const HIGHEST_PORT = 65_535;

/** Text of `npm start -- --help`. */
export const HELP = `Starts a real n8n with this pack, on this machine only.

Usage: npm start -- [options]

  --port N    port of n8n (default ${DEFAULT_PORT})
  --no-demo   do not send the demonstration messages
  --fresh     begin with an empty n8n: deletes test/host/.data
  --exit      stop after the demonstration instead of staying up
  --help      this text

The first start installs n8n (about 2.7 GB, some minutes). Workflows, credentials and conversations
are kept in test/host/.data between starts. Ctrl-C stops n8n.`;

/** Reads the arguments of `npm start`; throws a sentence for people when they make no sense. */
export function parseOptions(args: string[]): StartOptions {
	const { values } = parseArgs({
		args,
		allowNegative: true,
		options: {
			demo: { type: 'boolean', default: true },
			exit: { type: 'boolean', default: false },
			fresh: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false, short: 'h' },
			port: { type: 'string', default: String(DEFAULT_PORT) },
		},
	});
	const port = Number(values.port);
	if (!Number.isInteger(port) || port < 1 || port > HIGHEST_PORT) {
		throw new Error(`--port takes a number from 1 to ${HIGHEST_PORT}, not "${values.port}"`);
	}
	const { demo, exit, fresh, help } = values;
	return { demo, exit, fresh, help, port };
}
