/**
 * How many different messages of each sample body may open a conversation, by the list of contents
 * beside them. Two of them are requests to respond.io and never come from it.
 */
export const opens: Record<string, number> = {
	'conversation_closed.json': 0,
	'message_received_text.json': 1,
	'message_received_attachment_image.json': 1,
	'message_sent_user.json': 0,
	'contact_tag_updated.json': 0,
	'contact_updated.json': 0,
	'contact_lifecycle_updated.json': 0,
	'comment_created.json': 0,
	'custom_channel_inbound_request.json': 0,
	'n8n_trigger_subscribe_request.json': 0,
};
