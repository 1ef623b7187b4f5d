import {
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { PACKAGE_NAME, ROOT } from './paths';
import { runCommand } from './processes';

/** What the pack is built from. */
const SOURCES = ['nodes', 'credentials', 'package.json', 'tsconfig.json', 'gulpfile.js'];
const BUILD_RESULT = path.join(ROOT, 'dist', 'THIRD-PARTY-LICENSES.txt');

interface Manifest {
	name: string;
	version: string;
	dependencies?: Record<string, string>;
	[key: string]: unknown;
}

function readManifest(folder: string): Manifest {
	return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Last change below a folder, or of a file; also of folders, so that a removed file counts. */
function newest(entry: string): number {
	if (!existsSync(entry)) return 0;
	const stats = statSync(entry);
	if (!stats.isDirectory()) return stats.mtimeMs;
	const times = readdirSync(entry).map((name) => newest(path.join(entry, name)));
	return Math.max(stats.mtimeMs, ...times);
}

/** Whether `dist` was built from the sources as they are now (its last file is the witness). */
export function isBuilt(): boolean {
	if (!existsSync(BUILD_RESULT)) return false;
	const changed = Math.max(...SOURCES.map((name) => newest(path.join(ROOT, name))));
	return statSync(BUILD_RESULT).mtimeMs >= changed;
}

/** Builds the pack when a source is newer than `dist`. */
export async function buildPack(): Promise<void> {
	if (!isBuilt()) await runCommand('npm', ['run', 'build'], ROOT);
}

/** Makes the tarball that would be published; returns its path. */
export async function packTarball(folder: string): Promise<string> {
	mkdirSync(folder, { recursive: true });
	const output = await runCommand(
		'npm',
		['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
		ROOT,
	);
	const [packed] = JSON.parse(output) as Array<{ filename: string }>;
	if (!packed) throw new Error(`npm pack printed no file name:\n${output}`);
	return path.join(folder, packed.filename);
}

/**
 * Installs a tarball where n8n puts community packages, the way n8n does: extract, drop the
 * development fields from its package.json, list it in the folder's package.json.
 *
 * @param userFolder - the folder that holds n8n's `.n8n`
 * @returns the folder of the installed package
 */
export async function installTarball(userFolder: string, tarball: string): Promise<string> {
	const nodesFolder = path.join(userFolder, '.n8n', 'nodes');
	const target = path.join(nodesFolder, 'node_modules', PACKAGE_NAME);
	rmSync(target, { recursive: true, force: true });
	mkdirSync(target, { recursive: true });
	await runCommand('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], target);

	const manifest = readManifest(target);
	for (const field of ['devDependencies', 'peerDependencies', 'optionalDependencies']) {
		delete manifest[field];
	}
	if (Object.keys(manifest.dependencies ?? {}).length > 0) {
		throw new Error('The pack has runtime dependencies: bundle them instead');
	}
	writeFileSync(path.join(target, 'package.json'), JSON.stringify(manifest, null, 2));

	const list = existsSync(path.join(nodesFolder, 'package.json'))
		? readManifest(nodesFolder)
		: { name: 'installed-nodes', version: '1.0.0', private: true };
	const dependencies = { ...(list as Manifest).dependencies, [manifest.name]: manifest.version };
	writeFileSync(
		path.join(nodesFolder, 'package.json'),
		JSON.stringify({ ...list, dependencies }, null, 2),
	);
	return target;
}

/** Builds (when needed), packs and installs the pack for the n8n of `userFolder`. */
export async function installPack(userFolder: string): Promise<string> {
	await buildPack();
	const tarball = await packTarball(path.join(userFolder, 'tarball'));
	return await installTarball(userFolder, tarball);
}
