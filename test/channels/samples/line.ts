/** How many different messages of each sample body open a conversation. */
export const opens: Record<string, number> = {
	'empty_events_verify.json': 0,
	'follow.json': 0,
	'image_external_room.json': 0,
	'image_set.json': 1,
	'join_group.json': 0,
	'location.json': 1,
	'location_japanese.json': 1,
	'message_edited_group.json': 0,
	'room_message.json': 0,
	'text.json': 1,
	'text_and_sticker_batch.json': 2,
	'unfollow.json': 0,
	'unknown_event_type.json': 0,
	'unsend_group.json': 0,
};
