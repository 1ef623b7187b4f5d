/** How many different messages of each sample open a conversation, by the list of contents there. */
export const opens: Record<string, number> = {
	'echo.json': 0,
	'echo_arabic.json': 0,
	'image.json': 1,
	'message_unsent.json': 0,
	'quick_reply_arabic.json': 1,
	'share_attachment.json': 1,
	// "Policy": another app holds the conversation.
	'standby_event.json': 0,
	// "Policy": the business is only mentioned.
	'story_mention.json': 0,
	'text_arabic.json': 1,
};
