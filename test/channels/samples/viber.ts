/** How many different messages of each sample body open a conversation. */
export const opens: Record<string, number> = {
	'delivered.json': 0,
	'failed.json': 0,
	'file.json': 1,
	'location.json': 1,
	'sticker.json': 1,
	'subscribed.json': 0,
	'text.json': 1,
	'unsubscribed.json': 0,
	'unsubscribed_signed.json': 0,
	'webhook_check.json': 0,
};
