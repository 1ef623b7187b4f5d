import type { EngineUnderTest } from '../support/engines';
import { administrationSuite } from './administration';
import { assigningSuite } from './assigning';
import { deliveriesSuite } from './deliveries';
import { engineSuite } from './engine';
import { openingSuite } from './opening';
import { peopleSuite } from './people';
import { privacySuite } from './privacy';

/** What every engine has to do; one that is added here is asked of all of them. */
export function conformanceSuite(engine: EngineUnderTest): void {
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
}
