import { sql } from '../../vendor';
import type { DeliveryTable } from '../schema';

/** A delivery's status as operators read it: `waiting` is one whose flow has run or waits, and is watched. */
export type DeliveryStatus = Exclude<DeliveryTable['status'], 'watched'> | 'waiting';

export const deliveryStatus = (status: DeliveryTable['status']): DeliveryStatus =>
	status === 'watched' ? 'waiting' : status;

/** As literals: only so can an engine see that the index over these few serves. */
export const ENDED_BADLY = sql<boolean>`deliveries.status in ('failed', 'expired')`;
