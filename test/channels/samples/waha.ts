/** How many different messages of each sample body may open a conversation. */
export const opens: Record<string, number> = {
	'message_text.json': 1,
	'message_text_lid_gows.json': 1,
	'message_document.json': 1,
	'message_any_fromme_api_echo.json': 0,
	'message_edited.json': 0,
	'message_revoked.json': 0,
	// "Policy": only where groups may open.
	'message_group.json': 0,
	// A list of signatures, not a body.
	'hmac_vector.json': 0,
};
