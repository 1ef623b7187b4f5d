import { whatsapp } from '../channels/whatsapp';
import { openingsOf, requestOf } from './channelMessages';
import { problem, type ItemInput, type Mapped } from './opening';

/**
 * An item of n8n's WhatsApp Trigger: one change of Meta's webhook, `value` with `field` beside its
 * keys. It may hold several messages, and by the trigger's default statuses, which never open.
 */
export function mapWhatsAppTrigger({ json, now }: ItemInput): Mapped[] {
	if (json.messaging_product !== 'whatsapp' && json.metadata === undefined) {
		return [
			problem(
				'The item is no webhook of WhatsApp: it has neither messages nor the number they are for',
				"Connect this node behind a WhatsApp Trigger, or set 'Input' to 'Fields'",
			),
		];
	}
	const { field = 'messages', ...value } = json;
	const body = { object: 'whatsapp_business_account', entry: [{ changes: [{ field, value }] }] };
	return openingsOf(whatsapp.parse(requestOf(body, now), {}));
}
