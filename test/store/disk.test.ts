import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { checkDisk, diskWarnings } from '../../nodes/store/sqlite/disk';
import { openSqliteEngine } from '../../nodes/store/sqlite/engine';
import { temporaryFolder } from './support/engines';
import { expectError } from './support/samples';

jest.mock('node:fs', () => ({ __esModule: true, ...jest.requireActual<object>('node:fs') }));

/** As statfs(2) lists them. */
const EXT4 = 0xef53;
const OVERLAY = 0x794c7630;
const TMPFS = 0x01021994;
const FUSE = 0x65735546;

describe('the disk of the embedded store', () => {
	let folder: string;
	beforeEach(() => {
		folder = temporaryFolder();
	});
	afterEach(() => {
		jest.restoreAllMocks();
		fs.rmSync(folder, { recursive: true });
	});

	const onDisk = (type: number) =>
		jest.spyOn(fs, 'statfsSync').mockReturnValue({ type } as fs.StatsFs);
	const onLinux = process.platform === 'linux' ? test : test.skip;

	onLinux.each([
		['NFS', 0x6969],
		['SMB', 0x517b],
		['CIFS', 0xff534d42],
		['SMB', 0xfe534d42],
		['Ceph', 0x00c36400],
		['Lustre', 0x0bd00bd0],
	])('%s (%p) is refused, before a file is made there', async (name, type) => {
		onDisk(type);
		const file = join(folder, 'default.sqlite');
		await expectError(
			openSqliteEngine(file, randomUUID),
			'StoreUnavailable',
			new RegExp(`${folder} is on a network disk \\(${name}\\)`),
			/PostgreSQL/,
		);
		expect(fs.readdirSync(folder)).toEqual([]);
	});

	onLinux('a disk that may be shared is used, with a warning', async () => {
		onDisk(FUSE);
		const engine = await openSqliteEngine(join(folder, 'default.sqlite'), randomUUID);
		expect(engine.warnings).toContainEqual(expect.stringMatching(/of type FUSE/));
		engine.close();
	});

	test('elsewhere than on Linux the numbers mean nothing', () => {
		onDisk(0x6969);
		expect(checkDisk(folder, 'darwin')).toEqual([]);
		expect(() => checkDisk(folder, 'linux')).toThrow(/NFS/);
	});

	test('a disk of this machine is fine', () => {
		expect(diskWarnings('/data', { type: EXT4, inContainer: false, onRoot: true })).toEqual([]);
		expect(diskWarnings('/data', { type: EXT4, inContainer: false, onRoot: false })).toEqual([]);
	});

	test('a folder of the container itself is warned of, a volume is not', () => {
		const facts = { inContainer: true, onRoot: true };
		for (const type of [OVERLAY, EXT4]) {
			expect(diskWarnings('/home/node/.n8n', { ...facts, type })).toEqual([
				expect.stringMatching(/^The folder \/home\/node\/\.n8n is inside the container.*volume/),
			]);
		}
		// A volume whose folder lies on an overlay of the host is one all the same.
		for (const type of [OVERLAY, EXT4]) {
			expect(diskWarnings('/data', { type, inContainer: true, onRoot: false })).toEqual([]);
		}
	});

	test('a folder in memory is warned of, wherever it is', () => {
		for (const inContainer of [true, false]) {
			expect(diskWarnings('/data', { type: TMPFS, inContainer, onRoot: false })).toEqual([
				expect.stringMatching(/is kept in memory/),
			]);
		}
	});

	onLinux.each([
		['Docker', { '/.dockerenv': '' }, {}],
		['Podman', { '/run/.containerenv': '' }, {}],
		['Kubernetes', {}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }],
		['the control group', { '/proc/self/cgroup': '0::/kubepods/burstable/pod1' }, {}],
	])('a container is known by %s', (_by, files: Record<string, string>, variables) => {
		jest.spyOn(fs, 'existsSync').mockImplementation((path) => String(path) in files);
		jest.spyOn(fs, 'readFileSync').mockImplementation((path) => files[String(path)] ?? '');
		jest.spyOn(fs, 'statSync').mockReturnValue({ dev: 1 } as fs.Stats);
		onDisk(OVERLAY);
		jest.replaceProperty(process, 'env', variables);
		expect(checkDisk(folder)).toHaveLength(1);
	});

	onLinux('LXC keeps its containers like machines, and a machine is none', () => {
		const files: Record<string, string> = { '/proc/self/cgroup': '0::/lxc.payload.n8n' };
		jest.spyOn(fs, 'existsSync').mockImplementation((path) => String(path) in files);
		jest.spyOn(fs, 'readFileSync').mockImplementation((path) => files[String(path)] ?? '');
		jest.replaceProperty(process, 'env', {});
		onDisk(EXT4);
		jest.spyOn(fs, 'statSync').mockReturnValue({ dev: 1 } as fs.Stats);
		expect(checkDisk(folder)).toEqual([]);
	});
});
