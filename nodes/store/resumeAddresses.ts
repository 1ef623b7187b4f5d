import { isQueueMode } from './settings';

/**
 * Where an execution can be told that it goes on: n8n's own process first, since the public address may
 * lead through a tunnel or a proxy that is away; workers have no server of their own.
 *
 * The settings are n8n's environment variables (docs.n8n.io, Hosting, Environment variables).
 */
export function resumeAddresses(
	url: string,
	{ env = process.env, command = process.argv[2] } = {},
): string[] {
	const local = command === 'worker' ? undefined : localAddress(url, env);
	return [...new Set([...(local === undefined ? [] : [local]), url])];
}

function localAddress(url: string, env: NodeJS.ProcessEnv): string | undefined {
	// Its certificate is not made out to 127.0.0.1.
	if (env.N8N_PROTOCOL === 'https') return undefined;
	// A process for webhooks alone may be told to leave those of waiting executions to the main one.
	if (isQueueMode() && env.N8N_DISABLE_PRODUCTION_MAIN_PROCESS === 'true') return undefined;
	const endpoint = `/${env.N8N_ENDPOINT_WEBHOOK_WAIT ?? 'webhook-waiting'}/`;
	const start = url.indexOf(endpoint);
	if (start < 0) return undefined;
	const host = env.N8N_LISTEN_ADDRESS;
	const listens = host === undefined || host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host;
	const name = listens.includes(':') ? `[${listens}]` : listens;
	return `http://${name}:${env.N8N_PORT ?? '5678'}${url.slice(start)}`;
}
