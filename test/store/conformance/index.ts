import type { EngineUnderTest } from '../support/engines';
import { administrationSuite } from './administration';
import { assigningSuite } from './assigning';
import { availabilitySuite } from './availability';
import { assignmentReportsSuite } from './assignmentReports';
import { assignmentWaitsSuite } from './assignmentWaits';
import { channelsSuite } from './channels';
import { consentSuite } from './consent';
import { deliveriesSuite } from './deliveries';
import { engineSuite } from './engine';
import { hopsSuite } from './hops';
import { hoursSuite } from './hours';
import { lookupsSuite } from './lookups';
import { openingSuite } from './opening';
import { outboundSuite } from './outbound';
import { peopleSuite } from './people';
import { platformChangesSuite } from './platformChanges';
import { platformsSuite } from './platforms';
import { privacySuite } from './privacy';
import { questionFlowsSuite } from './questionFlows';
import { questionsSuite } from './questions';
import { returnsSuite } from './returns';
import { routingSuite } from './routing';
import { snoozingSuite } from './snoozing';
import { statusesSuite } from './statuses';
import { wishesSuite } from './wishes';
import { transfersSuite } from './transfers';

/** What every engine has to do; one that is added here is asked of all of them. */
export function conformanceSuite(engine: EngineUnderTest): void {
	afterAll(async () => await engine.cleanUp());

	describe(engine.name, () => {
		describe('messages and openings', () => openingSuite(engine));
		describe('routing, assigning, closing', () => assigningSuite(engine));
		describe('what is asked of agents', () => wishesSuite(engine));
		describe('what comes back', () => returnsSuite(engine));
		describe('how often it comes back', () => hopsSuite(engine));
		describe('what changes hands', () => transfersSuite(engine));
		describe('what is laid aside', () => snoozingSuite(engine));
		describe('reports on assignments', () => assignmentReportsSuite(engine));
		describe('waiting for an agent', () => assignmentWaitsSuite(engine));
		describe('what routing knows and leaves', () => routingSuite(engine));
		describe('business hours and shifts', () => hoursSuite(engine));
		describe('availability', () => availabilitySuite(engine));
		describe('people', () => peopleSuite(engine));
		describe('look-ups', () => lookupsSuite(engine));
		describe('privacy', () => privacySuite(engine));
		describe('channels', () => channelsSuite(engine));
		describe('sending', () => outboundSuite(engine));
		describe('what became of what was sent', () => statusesSuite(engine));
		describe('consent', () => consentSuite(engine));
		describe('questions', () => questionsSuite(engine));
		describe('questions among the rest', () => questionFlowsSuite(engine));
		describe('what a platform is told', () => platformsSuite(engine));
		describe('what is done on a platform', () => platformChangesSuite(engine));
		describe('deliveries', () => deliveriesSuite(engine));
		describe('administration', () => administrationSuite(engine));
		describe('the engine', () => engineSuite(engine));
	});
}
