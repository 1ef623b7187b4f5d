/** How many messages of each sample may open a conversation, by the samples' list of contents. */
export const opens: Record<string, number> = {
	'mms_two_media_with_body.json': 1,
	'sms_base64_concatenated.json': 1,
	'sms_text.json': 1,
	'status_delivered.json': 0,
	'status_failed_21610_opt_out.json': 0,
	'status_read.json': 0,
	'status_sent_messaging_service.json': 0,
	'whatsapp_status_read_eventtype.json': 0,
	'whatsapp_text.json': 1,
};
