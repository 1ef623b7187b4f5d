/** How many different messages of each sample body open a conversation, by its list of contents. */
export const opens: Record<string, number> = {
	'text.json': 1,
	'image.json': 1,
	'image_with_url.json': 1,
	'document.json': 1,
	'reaction.json': 0,
	'reaction_removed.json': 0,
	'reply_with_context.json': 1,
	// "Maybe": the customer did write, only a kind of message that WhatsApp does not pass on.
	'unsupported.json': 1,
	'referral_template.json': 1,
	'interactive_button_reply.json': 1,
	'interactive_list_reply.json': 1,
	'edited_message.json': 0,
	'deleted_message.json': 0,
	'status_sent.json': 0,
	'status_read.json': 0,
	'status_failed.json': 0,
	'status_group.json': 0,
	'echo_smb_message_echoes.json': 0,
	'system_user_changed_number.json': 0,
	'system_customer_identity_changed.json': 0,
	'text_bsuid_in_from.json': 1,
	'text_phone_and_bsuid.json': 1,
	'batch_duplicate_same_id.json': 1,
	'interactive_flow_nfm_reply.json': 1,
	'value_errors_only.json': 0,
	'batch_message_plus_status_composite.json': 1,
	'text_arabic.json': 1,
};

/** Bodies whose ids are placeholders in angle brackets, so that nobody can be found in them. */
export const placeholders = new Set(['deleted_message.json', 'echo_smb_message_echoes.json']);
