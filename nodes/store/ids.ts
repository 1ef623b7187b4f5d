import { uuidv7 } from '../vendor';
import type { Clock } from './clock';

/**
 * Ids that sort by time and never repeat anywhere (UUIDv7, RFC 9562): n8n keeps deduplication keys
 * for its whole database, so counters would collide as soon as a store starts again.
 */
export function idSource(clock: Clock): () => string {
	let sequence = 0;
	let last = 0;
	return () => {
		// A clock that steps back must not make ids that sort before earlier ones.
		last = Math.max(last, clock());
		sequence = (sequence + 1) % 0x7fffffff;
		return uuidv7({ msecs: last, seq: sequence });
	};
}

/** Smaller than every id made at or after this moment. */
export function idFloor(time: number): string {
	const hex = Math.max(0, time).toString(16).padStart(12, '0');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}
