/** Two projects: `pack` (unit, store, node and package tests) and `e2e` (a real n8n). */
const swc = ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }];
const shared = {
	testEnvironment: 'node',
	transform: { '^.+\\.ts$': swc },
	globalSetup: '<rootDir>/test/postgres/globalSetup.js',
	globalTeardown: '<rootDir>/test/postgres/globalTeardown.js',
	modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/test/host/'],
};

module.exports = {
	maxWorkers: 2,
	testTimeout: 60_000,
	projects: [
		{
			...shared,
			displayName: 'pack',
			testMatch: ['<rootDir>/test/**/*.test.ts'],
			testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
		},
		{
			...shared,
			displayName: 'e2e',
			testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
			testPathIgnorePatterns: ['/node_modules/'],
		},
	],
};
