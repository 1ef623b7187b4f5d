import path from 'node:path';

/** The folder of the repository. */
export const ROOT = path.resolve(__dirname, '..', '..');

/** Where `install.js` puts the pinned n8n. */
export const INSTALL_FOLDER = path.join(__dirname, '.install');

/** The program that starts n8n. */
export const N8N_PROGRAM = path.join(INSTALL_FOLDER, 'node_modules', 'n8n', 'bin', 'n8n');

/** What `npm start` keeps between two starts. */
export const DATA_FOLDER = path.join(__dirname, '.data');

/** The workflows that the pack ships. */
export const TEMPLATES_FOLDER = path.join(ROOT, 'nodes', 'templates');

/** The name of the pack, and the prefix of its node types inside n8n. */
export const PACKAGE_NAME = 'n8n-nodes-inbound-conversations';
