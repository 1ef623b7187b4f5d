/**
 * How many different messages of each sample body may open a conversation, by the list of contents
 * beside them; "policy" opens nothing unless asked for.
 */
export const opens: Record<string, number> = {
	'conversation_status_changed_with_changed_attributes.json': 0,
	'conversation_resolved_deprecated.json': 0,
	'conversation_opened_deprecated.json': 0,
	// Its one message is a form of Chatwoot that the contact has filled in.
	'conversation_created.json': 1,
	'message_created_incoming.json': 1,
	'message_updated.json': 0,
	'message_created_outgoing_echo.json': 0,
	'webwidget_triggered.json': 0,
};
