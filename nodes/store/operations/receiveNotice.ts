import type { ChannelNotice } from '../../channels/channel';
import type { Operation } from '../operation';
import { setOptOut } from './addresses';
import { findByIdentities } from './contacts';
import { applyStatus } from './messageStatus';
import { applyPlatformChange } from './platformChange';

export interface ReceiveNoticeInput {
	notice: ChannelNotice;
}

export interface ReceiveNoticeResult {
	/** Whether it changed anything. */
	applied: boolean;
}

/** Takes in what a channel tells besides messages: fates of messages, consent, work on a platform. */
export async function receiveNotice(
	operation: Operation,
	{ notice }: ReceiveNoticeInput,
): Promise<ReceiveNoticeResult> {
	switch (notice.kind) {
		case 'status':
			return { applied: await applyStatus(operation, notice) };
		case 'platform':
			return { applied: await applyPlatformChange(operation, notice) };
		default: {
			const contact = await findByIdentities(operation, notice.identities);
			// Nobody can be told anything whom the store does not know.
			if (!contact) return { applied: false };
			const reason = notice.kind === 'optOut' ? notice.reason : null;
			return { applied: await setOptOut(operation, contact.key, notice, reason, notice.at) };
		}
	}
}
