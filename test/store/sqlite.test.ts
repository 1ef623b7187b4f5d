import { conformanceSuite } from './conformance';
import { sqliteEngine } from './support/engines';

conformanceSuite(sqliteEngine());
