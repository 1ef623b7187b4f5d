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
	const local = hasServer(env, command) ? localAddress(url, env) : undefined;
	return [...new Set([...(local === undefined ? [] : [local]), url])];
}

function hasServer(env: NodeJS.ProcessEnv, command: string | undefined): boolean {
	if (command === 'worker') return false;
	// The main process may be told to leave webhooks, also those of waiting executions, to processes
	// that do nothing else.
	return (
		command === 'webhook' || !/^(true|1)$/i.test(env.N8N_DISABLE_PRODUCTION_MAIN_PROCESS ?? '')
	);
}

function localAddress(url: string, env: NodeJS.ProcessEnv): string | undefined {
	// Its certificate is not made out to 127.0.0.1. Without one, n8n says https and speaks http.
	const speaksTls = env.N8N_PROTOCOL === 'https' && env.N8N_SSL_KEY && env.N8N_SSL_CERT;
	if (speaksTls) return undefined;
	const endpoint = `/${env.N8N_ENDPOINT_WEBHOOK_WAIT ?? 'webhook-waiting'}/`;
	const start = url.indexOf(endpoint);
	if (start < 0) return undefined;
	const host = env.N8N_LISTEN_ADDRESS;
	const listens = host === undefined || host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host;
	const name = listens.includes(':') ? `[${listens}]` : listens;
	return `http://${name}:${env.N8N_PORT ?? '5678'}${url.slice(start)}`;
}
