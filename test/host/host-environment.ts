/** Settings of the machine that must not reach n8n: they would change what is tested. */
const NOT_INHERITED =
	/^(N8N_|DB_|EXECUTIONS_|QUEUE_|NODE_OPTIONS$|NODE_ENV$|JEST_|npm_|WEBHOOK_URL$)/i;

/** Nothing here may leave the machine: no telemetry, no look-ups, no update checks. */
const QUIET = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_SENTRY_DSN: '',
	// Asks api.n8n.io for a list of servers at every start; no other setting turns that off.
	N8N_DISABLED_MODULES: 'mcp-registry',
};

/** What decides the environment of an n8n process. */
export interface HostEnvironmentOptions {
	/** Holds n8n's `.n8n` folder. */
	userFolder: string;
	port: number;
	/** Port of the broker of task runners; its default would clash with a second n8n. */
	brokerPort: number;
	/** Added last. */
	env?: Record<string, string>;
}

/** The environment that n8n is started with. */
export function hostEnvironment(options: HostEnvironmentOptions): NodeJS.ProcessEnv {
	const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
	return {
		...Object.fromEntries(inherited),
		...QUIET,
		NODE_ENV: 'production',
		N8N_USER_FOLDER: options.userFolder,
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_HOST: '127.0.0.1',
		N8N_PORT: String(options.port),
		N8N_EDITOR_BASE_URL: `http://127.0.0.1:${options.port}/`,
		N8N_WEBHOOK_URL: `http://127.0.0.1:${options.port}/`,
		// The cookie has to travel over plain HTTP on this machine.
		N8N_SECURE_COOKIE: 'false',
		N8N_RUNNERS_BROKER_PORT: String(options.brokerPort),
		N8N_RUNNERS_BROKER_LISTEN_ADDRESS: '127.0.0.1',
		N8N_COMMUNITY_PACKAGES_ENABLED: 'true',
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		// The pack lies in the folder without a row in n8n's database; a registry must not be asked.
		N8N_REINSTALL_MISSING_PACKAGES: 'false',
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '10',
		...options.env,
	};
}
