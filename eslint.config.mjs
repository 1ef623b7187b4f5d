import { configWithoutCloudSupport } from '@n8n/node-cli/eslint';

export default [
	{ ignores: ['dist/**', 'test/host/.install/**', 'test/host/.data/**', 'coverage/**'] },
	...configWithoutCloudSupport,
];
