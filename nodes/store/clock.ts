/** Milliseconds since 1970 (UTC). Injected everywhere, so that tests move time. */
export type Clock = () => number;

/**
 * The store's clock. Under `NODE_ENV=test` it adds the offset (milliseconds) that
 * `CONVERSATION_STORE_TEST_CLOCK` holds, so that end-to-end tests can move a real n8n's time.
 */
export const systemClock: Clock = () => Date.now() + testOffset();

function testOffset(): number {
	if (process.env.NODE_ENV !== 'test') return 0;
	const offset = Number(process.env.CONVERSATION_STORE_TEST_CLOCK ?? 0);
	return Number.isFinite(offset) ? offset : 0;
}
