/* eslint-disable @n8n/community-nodes/no-dangerous-functions -- real mounts are what is tested */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/**
 * A file system in memory at `place`, with options as mount(8) takes them, e.g. `size=8m`.
 *
 * @returns false where this machine does not let us mount (not root)
 */
export function mountMemory(place: string, options: string): boolean {
	mkdirSync(place, { recursive: true });
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
}

export const remount = (place: string, options: string) =>
	execFileSync('mount', ['-o', `remount,${options}`, place]);

export const unmount = (place: string) => execFileSync('umount', ['--lazy', place]);
