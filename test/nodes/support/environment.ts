/**
 * Imported before anything of n8n: n8n-core writes its settings below this folder as soon as it is
 * loaded, and the embedded store keeps its files there.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const userFolder = mkdtempSync(join(tmpdir(), 'conversation-nodes-'));
process.env.N8N_USER_FOLDER = userFolder;
process.env.N8N_LOG_LEVEL = 'silent';
process.env.N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS = 'false';

afterAll(async () => {
	// Hundreds of open stores would keep the process from ending in time.
	const { closeStores } = await import('../../../nodes/store/registry');
	closeStores();
	rmSync(userFolder, { recursive: true, force: true });
});
