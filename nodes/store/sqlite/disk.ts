import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { storeError } from '../errors';

/** Types of file systems as statfs(2) gives them; numbers from Linux' include/uapi/linux/magic.h. */
const TMPFS = 0x01021994;

/**
 * Shared by machines. SQLite's log needs memory that all who open the file share, which these do not
 * give (https://www.sqlite.org/wal.html, "all processes must be on the same host computer"), and
 * many of them only pretend to lock (https://www.sqlite.org/howtocorrupt.html, 2.1).
 */
const networkDisks = new Map([
	[0x6969, 'NFS'],
	[0x517b, 'SMB'],
	[0xff534d42, 'CIFS'],
	[0xfe534d42, 'SMB'],
	[0x5346414f, 'AFS'],
	[0x6b414653, 'AFS'],
	[0x73757245, 'Coda'],
	[0x564c, 'NCP'],
	[0x00c36400, 'Ceph'],
	[0x0bd00bd0, 'Lustre'],
	[0x47504653, 'GPFS'],
	[0x01161970, 'GFS2'],
	[0x7461636f, 'OCFS2'],
	[0x786f4256, 'a shared folder of VirtualBox'],
]);

/** May be a network disk or not: sshfs and local disks, folders of the host and whole machines. */
const perhapsShared = new Map([
	[0x65735546, 'FUSE'],
	[0x01021997, '9p'],
]);

/** What is known about the disk that a folder lies on. */
export interface DiskFacts {
	/** Of the file system, as statfs(2) gives it. */
	type: number;
	inContainer: boolean;
	/** On the same disk as `/`. */
	onRoot: boolean;
}

/**
 * Refuses a folder on a network disk. Only Linux tells by a number what kind of disk it is; elsewhere
 * nothing is said.
 *
 * @returns what an operator should know about the disk, as sentences
 * @throws StoreError `StoreUnavailable`
 */
export function checkDisk(folder: string, platform: string = process.platform): string[] {
	if (platform !== 'linux') return [];
	const { type } = statfsSync(folder);
	const network = networkDisks.get(type);
	if (network !== undefined) {
		throw storeError(
			'StoreUnavailable',
			`The folder ${folder} is on a network disk (${network}), where the embedded store would be damaged sooner or later`,
			"Keep n8n's folder on a disk of the machine that n8n runs on, or use PostgreSQL as the backend in the Conversation Store credential",
		);
	}
	const onRoot = statSync(folder).dev === statSync('/').dev;
	return diskWarnings(folder, { type, inContainer: isInContainer(), onRoot });
}

/** Sentences about a disk on which a store may be, but perhaps should not. */
export function diskWarnings(folder: string, facts: DiskFacts): string[] {
	const shared = perhapsShared.get(facts.type);
	const warnings = [];
	if (shared !== undefined) {
		warnings.push(
			`The folder ${folder} is on a disk of type ${shared}, which may be one that other machines share. The embedded store needs a local disk; if this is none, use PostgreSQL`,
		);
	}
	if (facts.type === TMPFS) {
		warnings.push(
			`The folder ${folder} is kept in memory: the conversation store is gone when this machine or container stops. Mount a volume there`,
		);
	} else if (facts.inContainer && facts.onRoot) {
		warnings.push(
			`The folder ${folder} is inside the container: the conversation store is gone when the container is replaced, e.g. by an update of n8n. Mount a volume at n8n's folder`,
		);
	}
	return warnings;
}

/**
 * Docker and Podman leave a file; Kubernetes sets a variable; older ones show in the control group.
 * Not LXC: its containers are kept like machines.
 */
function isInContainer(): boolean {
	if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) return true;
	if (process.env.KUBERNETES_SERVICE_HOST !== undefined) return true;
	const groups = '/proc/self/cgroup';
	return (
		existsSync(groups) && /docker|kubepods|containerd|libpod/.test(readFileSync(groups, 'utf8'))
	);
}
