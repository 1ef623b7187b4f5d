import { lengthOf } from '../channels/limits';
import type { OutboundMessage, Recipient } from '../channels/sending';
import { askText, buttonsOf, defaultRetry } from '../questions/wording';
import type { SendingChannel } from '../runtime/sending/checks';
import { buttonPrefix } from '../store/operations/waits/waits';
import type { QuestionSpec } from './spec';

/**
 * The message that asks: with buttons where the channel has them and this question fits on them, with
 * a numbered list otherwise.
 *
 * @param again whether it was asked before; then a sentence stands before it
 */
export function composeQuestion(
	spec: QuestionSpec,
	{ waitId, again, language }: { waitId: string; again: boolean; language: string | null },
	channel: SendingChannel,
	recipient: Recipient,
): OutboundMessage {
	const { question, prompt, listLabel } = spec;
	const lead = again ? `${spec.retryText || defaultRetry(question.kind, language)}\n\n` : '';
	const { limits } = channel.sending;
	const buttons = buttonsOf(question, buttonPrefix(waitId), limits.buttons);
	if (buttons) {
		const message = {
			text: lead + askText(question, prompt, { buttons: true }),
			buttons,
			...(listLabel === '' ? {} : { listLabel }),
		};
		const fits =
			lengthOf(message.text, limits.unit) <= limits.text &&
			channel.sending.problem?.(message, recipient) === undefined;
		if (fits) return message;
	}
	return { text: lead + askText(question, prompt, { buttons: false }) };
}
