import { backupOperations } from './storeBackup';
import { healthOperations } from './storeHealth';
import { transferOperations } from './storeTransfer';
import type { StoreResource } from './resource';

/** The store as a whole, for whoever operates it. */
export const store: StoreResource = {
	name: 'Store',
	value: 'store',
	operations: [...healthOperations, ...backupOperations, ...transferOperations],
};
