import { propertySuite } from './property/suite';
import { postgresEngine, sqliteEngine } from './support/engines';

describe.each([sqliteEngine(), postgresEngine()])('$name', (engine) => {
	afterAll(async () => await engine.cleanUp());

	propertySuite(engine);
});
