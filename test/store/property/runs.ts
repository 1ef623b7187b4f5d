import { SECOND } from '../support/engines';

/** How many sequences of each kind; `CONVERSATION_STORE_TEST_RUNS=2000` is the nightly size. */
export const RUNS = Number(process.env.CONVERSATION_STORE_TEST_RUNS ?? 12);

/** The same seed makes the same sequences, e.g. those of a run that failed elsewhere. */
export const SEED = Number(process.env.CONVERSATION_STORE_TEST_SEED ?? Date.now() % 1_000_000_000);

/** Whether to look for the shortest sequence that fails; that it fails may be all that is asked. */
export const SHRINK = process.env.CONVERSATION_STORE_TEST_SHRINK !== 'no';

/** For each sequence, generously: a night's size takes longer than tests usually may. Milliseconds. */
export const PATIENCE = 30 * SECOND;
