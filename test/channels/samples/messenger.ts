/** How many different messages of each sample open a conversation, by the list of contents there. */
export const opens: Record<string, number> = {
	'batch_duplicate_two_entries.json': 1,
	'delivery_receipt.json': 0,
	'echo.json': 0,
	'echo_with_app_id.json': 0,
	'ig_reel_share.json': 1,
	'image.json': 1,
	'message_edit.json': 0,
	'optin_user_ref.json': 0,
	'postback_ad_referral.json': 1,
	'postback_get_started.json': 1,
	'postback_with_referral_ref.json': 1,
};
