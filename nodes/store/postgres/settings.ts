/** How a PostgreSQL server is reached, as the credential asks for it. */
export interface PostgresSettings {
	host: string;
	port: number;
	database: string;
	user: string;
	password: string;
	/** `allow`: without encryption unless the server wants it. `require`: only with it. */
	ssl: 'disable' | 'allow' | 'require';
	/** Encrypt, but trust whoever answers. */
	allowUnauthorizedCerts?: boolean;
	/** PEM; beside those that the system trusts. */
	caCertificate?: string;
	/** The store's own schema; made when it is not there. */
	schema: string;
	/** Of this process; one more listens for wake-ups. */
	maxConnections: number;
}
