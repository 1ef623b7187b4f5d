import { administrationSuite } from './conformance/administration';
import { assigningSuite } from './conformance/assigning';
import { deliveriesSuite } from './conformance/deliveries';
import { engineSuite } from './conformance/engine';
import { openingSuite } from './conformance/opening';
import { peopleSuite } from './conformance/people';
import { privacySuite } from './conformance/privacy';
import { sqliteEngine } from './support/engines';

const engine = sqliteEngine();
afterAll(async () => await engine.cleanUp());

describe(engine.name, () => {
	describe('messages and openings', () => openingSuite(engine));
	describe('routing, assigning, closing', () => assigningSuite(engine));
	describe('people', () => peopleSuite(engine));
	describe('privacy', () => privacySuite(engine));
	describe('deliveries', () => deliveriesSuite(engine));
	describe('administration', () => administrationSuite(engine));
	describe('the engine', () => engineSuite(engine));
});
