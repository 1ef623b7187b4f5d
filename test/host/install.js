'use strict';
/**
 * Makes the real n8n ready that the end-to-end tests and `npm start` use: `node test/host/install.js`.
 *
 * n8n goes to test/host/.install (not committed), exactly as package-lock.json pins it. Scripts stay
 * off: of its 2,300 packages only sqlite3 needs one, and others would try to compile for nothing.
 * May be interrupted and run again; does nothing when everything is there.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { withLock } = require('./install-lock.js');
const { runWithProgress } = require('./install-progress.js');
const { buildSqlite, sqliteWorks } = require('./install-sqlite.js');
const { ensureNode, environmentFor } = require('./with-node.js');

const INSTALL_FOLDER = path.join(__dirname, '.install');
const MODULES = path.join(INSTALL_FOLDER, 'node_modules');
const STAMP = path.join(INSTALL_FOLDER, '.stamp');
const PINS = ['package.json', 'package-lock.json'];

/** Identifies what should be installed; another lock file makes another stamp. */
function wantedStamp() {
	const hash = createHash('sha256');
	for (const file of PINS) hash.update(fs.readFileSync(path.join(__dirname, file)));
	return hash.digest('hex');
}

function read(file) {
	return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : '';
}

/** How many of the packages in the lock file are there, for the progress line. */
function countPackages(folders) {
	// npm makes all folders first and fills them later, so the file counts, not the folder.
	const present = folders.filter((folder) =>
		fs.existsSync(path.join(INSTALL_FOLDER, folder, 'package.json')),
	);
	return `${present.length} packages`;
}

async function installPackages({ environment, print, onStart }) {
	// npm would do this itself, but gives up when the system is slow to let go of a folder.
	fs.rmSync(MODULES, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
	for (const file of PINS) {
		fs.copyFileSync(path.join(__dirname, file), path.join(INSTALL_FOLDER, file));
	}
	const { packages } = JSON.parse(read(path.join(INSTALL_FOLDER, 'package-lock.json')));
	const folders = Object.keys(packages).filter((name) => name !== '');
	const { version } = packages['node_modules/n8n'];
	await runWithProgress({
		title: `Installing n8n ${version} (once; about 2.7 GB, some minutes)`,
		command: 'npm',
		args: ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
		cwd: INSTALL_FOLDER,
		environment,
		detail: () => countPackages(folders),
		print,
		onStart,
	});
}

/** Installs what is missing. Resolves to the folder that holds n8n's node_modules. */
async function install(print = (text) => process.stdout.write(text)) {
	const nodeBinary = ensureNode();
	const environment = environmentFor(nodeBinary);
	const ready = () => read(STAMP) === wantedStamp() && sqliteWorks(MODULES, environment);
	if (ready()) return INSTALL_FOLDER;
	fs.mkdirSync(INSTALL_FOLDER, { recursive: true });
	await withLock(path.join(INSTALL_FOLDER, '.lock'), print, async (onStart) => {
		if (ready()) return;
		const started = Date.now();
		if (read(STAMP) !== wantedStamp()) {
			// Removed first: an interrupted run must not look finished.
			fs.rmSync(STAMP, { force: true });
			await installPackages({ environment, print, onStart });
			fs.writeFileSync(STAMP, `${wantedStamp()}\n`);
		}
		if (!sqliteWorks(MODULES, environment)) {
			await buildSqlite({ folder: INSTALL_FOLDER, nodeBinary, environment, print, onStart });
		}
		print(`n8n is ready (${Math.round((Date.now() - started) / 1000)} s)\n`);
	});
	return INSTALL_FOLDER;
}

module.exports = { install, INSTALL_FOLDER };

if (require.main === module) {
	install().catch((error) => {
		process.stderr.write(`${error.message}\n`);
		process.exit(1);
	});
}
