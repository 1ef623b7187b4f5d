import type { ChannelNotice, Consent } from '../../channels/channel';
import type { Operation } from '../operation';
import { findAddress, setOptOut } from './addresses';
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
			if (notice.kind === 'optIn')
				return { applied: await takeBack(operation, contact.key, notice) };
			const { reason, at } = notice;
			return { applied: await setOptOut(operation, contact.key, notice, reason, at) };
		}
	}
}

/** Who wants marketing again has not taken back a STOP; who says START wants everything again. */
async function takeBack(
	operation: Operation,
	contactKey: string,
	notice: Consent,
): Promise<boolean> {
	const known = await findAddress(operation, contactKey, notice);
	const covers = notice.reason === 'stop' || known?.opt_out_reason === notice.reason;
	return covers && (await setOptOut(operation, contactKey, notice, null, notice.at));
}
