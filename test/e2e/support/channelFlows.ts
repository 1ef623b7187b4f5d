import type { ChannelStandIn } from '../../standins/channelStandIn';
import type { WorkflowDraft } from '../../host/types';
import { assign, chain, enrich, node, opened, ours, routeAllTo } from './flows';

/** Arabic with marks, emoji of several code points, directions, and Hebrew: nothing of it may change. */
export const WRITTEN = 'السَّلامُ عليكم، أين طلبي رقم ١٢٣؟ 🙏🏽👩‍👩‍👧 \u2067שלום\u2069 — Grüße, 你好';

/** What the flow answers with: what the contact wrote, between quotation marks of its language. */
export const answerTo = (text: string) => `«${text}»`;

/** The inbound flow of one channel, which answers what the contact wrote once somebody has it. */
export const answeringFlow = (standIn: ChannelStandIn, team: string): WorkflowDraft =>
	chain(`Inbound ${standIn.key}`, [
		opened({}, standIn.key),
		enrich(),
		routeAllTo(team),
		assign(),
		node('Send Message', ours('sendMessage'), {
			channels: [standIn.key],
			messageType: 'text',
			text: '=«{{ $json.message.text }}»',
			options: {},
		}),
	]);
