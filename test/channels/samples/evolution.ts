/** How many different messages of each sample body may open a conversation. */
export const opens: Record<string, number> = {
	'text_lid_only_2.2.3.json': 1,
	'text_lid_with_alt_2.3.6.json': 1,
	'text_arabic_pn_alt_lid_2.4.json': 1,
	'image_caption_base64.json': 1,
	'list_reply.json': 1,
	// "Policy": only where reactions may open.
	'reaction.json': 0,
	'echo_fromme_v1_auto_reply.json': 0,
	'edited_event_with_revoke.json': 0,
};
