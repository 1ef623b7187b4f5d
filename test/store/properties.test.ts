import { fairnessSuite } from './property/fairness';
import { propertySuite } from './property/suite';
import { postgresEngine, sqliteEngine } from './support/engines';

describe.each([sqliteEngine({ synchronous: 'off' }), postgresEngine()])('$name', (engine) => {
	afterAll(async () => await engine.cleanUp());

	propertySuite(engine);
	describe('fairness', () => fairnessSuite(engine));
});
