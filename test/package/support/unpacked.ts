import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { buildPack, packTarball } from '../../host/pack';
import { PACKAGE_NAME, ROOT } from '../../host/paths';
import { runCommand } from '../../host/processes';

export interface Unpacked {
	/** The package where nothing else is: no node_modules on any way up. */
	alone: string;
	/** The package as n8n has it: below node_modules, with n8n-workflow at hand. */
	installed: string;
	/** Paths in the tarball, without its first folder. */
	files: string[];
}

/** Builds if a source is newer than `dist`, packs what would be published, and unpacks it. */
export async function unpack(folder: string): Promise<Unpacked> {
	await buildPack();
	const tarball = await packTarball(path.join(folder, 'tarball'));
	const listing = await runCommand('tar', ['-tzf', tarball], folder);
	const files = listing
		.trim()
		.split('\n')
		.map((file) => file.replace(/^package\//, ''));

	const alone = mkdtempSync(path.join(folder, 'alone-'));
	const modules = path.join(folder, 'n8n', 'node_modules');
	const installed = path.join(modules, PACKAGE_NAME);
	mkdirSync(installed, { recursive: true });
	const workflow = path.join(ROOT, 'node_modules', 'n8n-workflow');
	symlinkSync(workflow, path.join(modules, 'n8n-workflow'), 'junction');
	for (const target of [alone, installed]) {
		await runCommand('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], folder);
	}
	return { alone, installed, files };
}
