import { transferSuite } from './conformance/transfer';
import { postgresEngine, sqliteEngine } from './support/engines';

const sqlite = sqliteEngine();
const postgres = postgresEngine();
const engines = [sqlite, postgres];
afterAll(async () => {
	for (const engine of engines) await engine.cleanUp();
});

for (const from of engines) {
	for (const to of engines) {
		describe(`${from.name} → ${to.name}`, () => transferSuite(from, to));
	}
}
