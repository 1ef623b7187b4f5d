import { conformanceSuite } from './conformance';
import { postgresEngine } from './support/engines';

conformanceSuite(postgresEngine());
