import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Owner } from './client';

const OWNER_ONLY = 0o600;

/** What WhatsApp and the pack share. */
export interface WhatsAppSecrets {
	appSecret: string;
	verifyToken: string;
}

function random(bytes: number): string {
	return randomBytes(bytes).toString('hex');
}

/** The content of the file; made and kept when there is none yet. */
function kept<T extends object>(folder: string, name: string, make: () => T): T {
	const file = path.join(folder, name);
	if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T;
	mkdirSync(folder, { recursive: true });
	const value = make();
	writeFileSync(file, `${JSON.stringify(value, null, '\t')}\n`, { mode: OWNER_ONLY });
	return value;
}

/** The account of the demonstration's owner, with a password made at the first start. */
export function ownerOf(folder: string): Owner {
	return kept(folder, 'owner.json', () => ({
		email: 'owner@example.com',
		// n8n wants an upper-case letter and a digit.
		password: `${random(8)}A1`,
	}));
}

/** The secrets of the demonstration's WhatsApp number, made at the first start. */
export function whatsAppSecretsOf(folder: string): WhatsAppSecrets {
	return kept(folder, 'whatsapp.json', () => ({
		appSecret: random(16),
		verifyToken: random(16),
	}));
}
