import type {
	IAllExecuteFunctions,
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
	Logger,
} from 'n8n-workflow';
import { isChannelError } from '../channels/errors';
import { isStoreError, storeError } from '../store/errors';
import { SCHEMA_VERSION } from '../store/migrations';
import { counted } from '../store/operations/problem';
import { getStore } from '../store/registry';
import type { StoreSettings } from '../store/settings';
import type { ConversationStore } from '../store/store';

export const STORE_CREDENTIAL = 'conversationStoreApi';

/** The store of a node's credential. Opened once for each process, however many nodes use it. */
export async function storeOfNode(
	context: Pick<IAllExecuteFunctions, 'getCredentials' | 'logger'>,
): Promise<ConversationStore> {
	const credential = await context.getCredentials(STORE_CREDENTIAL).catch((error: Error) => {
		const hint =
			"Choose a Conversation Store credential in the node under 'Credential to connect with'";
		throw storeError('StoreUnavailable', error.message, hint, error);
	});
	return await getStore(settingsOf(credential), reporter(context.logger));
}

function settingsOf(credential: ICredentialDataDecryptedObject): StoreSettings {
	const text = (name: string, otherwise = '') => String(credential[name] ?? otherwise);
	const workspace = text('workspace', 'default');
	if (credential.backend !== 'postgres') {
		const sharedDisk = credential.sharedDisk === true;
		return { backend: 'sqlite', storeName: text('storeName', 'default'), workspace, sharedDisk };
	}
	const ssl = text('ssl', 'disable');
	return {
		backend: 'postgres',
		workspace,
		host: text('host'),
		port: Number(credential.port ?? 5432),
		database: text('database'),
		user: text('user'),
		password: text('password'),
		ssl: ssl === 'require' || ssl === 'allow' ? ssl : 'disable',
		allowUnauthorizedCerts: credential.allowUnauthorizedCerts === true,
		caCertificate: text('caCertificate').trim(),
		schema: text('schema', 'conversations'),
		maxConnections: Number(credential.maxConnections ?? 5),
	};
}

/** Background work belongs to no execution: it keeps the logger and nothing else of the context. */
function reporter(logger: Logger): (error: unknown) => void {
	return (error) => logger.error(`Conversation store: ${sentence(error)}`);
}

/** What a failure says to an operator, hint included. */
export function sentence(error: unknown): string {
	if (isStoreError(error) || isChannelError(error)) return `${error.message}. ${error.hint}`;
	return error instanceof Error ? error.message : String(error);
}

/** The credential's test: opens the store, brings its schema up to date, and says what it found. */
export async function testConversationStore(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const settings = settingsOf(credential.data ?? {});
		const store = await getStore(settings, reporter(this.logger));
		const counts = await store.countEverything();
		const found = [
			await store.engine.describe(),
			`schema ${SCHEMA_VERSION}`,
			counted(counts.teams, 'team'),
			counted(counts.agents, 'agent'),
			counted(counts.conversations.open, 'open conversation'),
		].join(', ');
		return { status: 'OK', message: [found, ...(store.engine.warnings ?? [])].join('. ') };
	} catch (error) {
		return { status: 'Error', message: sentence(error) };
	}
}
