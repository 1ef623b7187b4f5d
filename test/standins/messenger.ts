import { startMessaging, type MessagingStandIn } from './messaging';

/** Messenger: a page, its app and its customers. */
export const startMessenger = (): Promise<MessagingStandIn> =>
	startMessaging({
		key: 'messenger',
		object: 'page',
		credentialType: 'conversationMessengerApi',
		account: '110000000000001',
		tooLong: (text) => [...text].length > 2000,
		takesUploads: true,
		windowSubcode: 2018278,
		fields: [
			'feed',
			'leadgen',
			'messages',
			'messaging_postbacks',
			'messaging_referrals',
			'message_deliveries',
			'message_reads',
			'message_echoes',
			'message_reactions',
			'message_edits',
			'standby',
		],
		settings: { pageId: '110000000000001' },
	});
