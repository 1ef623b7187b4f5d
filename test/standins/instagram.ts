import { startMessaging, type MessagingStandIn } from './messaging';

/** Instagram: a professional account, its app and its customers. */
export const startInstagram = (): Promise<MessagingStandIn> =>
	startMessaging({
		key: 'instagram',
		object: 'instagram',
		credentialType: 'conversationInstagramApi',
		account: '17840000000000001',
		tooLong: (text) => Buffer.byteLength(text, 'utf8') > 1000,
		takesUploads: false,
		windowSubcode: 2534022,
		fields: ['messages', 'messaging_postbacks', 'message_reactions', 'standby', 'comments'],
		settings: { accountId: '17840000000000001' },
	});
