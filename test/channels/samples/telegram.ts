/** How many different messages of each sample body open a conversation. */
export const opens: Record<string, number> = {
	'business_message.json': 1,
	'business_message_own_reply_cyrillic.json': 0,
	'callback_query.json': 1,
	// A group.
	'callback_query_group.json': 0,
	'contact.json': 1,
	'deleted_business_messages.json': 0,
	'document.json': 1,
	'edited_business_message.json': 0,
	'edited_message.json': 0,
	'empty_update.json': 0,
	'location.json': 1,
	'message_reaction.json': 0,
	'photo_with_caption.json': 1,
	'text.json': 1,
	'text_with_language_code.json': 1,
	'venue.json': 1,
	'web_app_data.json': 1,
};
