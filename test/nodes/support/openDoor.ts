import type { INodeParameters } from 'n8n-workflow';
import type { Channel, ParsedBody } from '../../../nodes/channels/channel';
import type { ConversationStore } from '../../../nodes/store/store';
import { settingsFor } from '../../channels/bodies';
import { Bench } from './bench';
import { posted } from './http';

/** Long enough not to be guessed. */
const SECRET = 'no secret of anybody, and long enough';

/** What a credential must have so that messages are taken at all. */
const SECRETS = {
	appSecret: SECRET,
	verifyToken: SECRET,
	authToken: SECRET,
	channelSecret: SECRET,
	apiKey: SECRET,
	apiAccessToken: SECRET,
	webhookSecret: SECRET,
	signingSecret: `whsec_${Buffer.from(SECRET).toString('base64')}`,
	botToken: '987654321:AAtest',
};

/** Channels whose bodies do not say which account they are for. */
export const WITH_ACCOUNT = ['plainWebhook', 'signedWebhook'];

/** Everything that may open, does; what is old does, too. */
export const EAGER = {
	alsoOpenFor: ['group', 'reaction', 'standby', 'storyMention', 'visit'],
	includeRaw: true,
	oldestMessage: 0,
};

/**
 * Conversation Opened with its door held open: whatever is posted is taken for the provider's, with
 * any signature or none. Ends with `jest.restoreAllMocks()`.
 */
export class OpenDoor {
	readonly bench = new Bench();
	private readonly parse: jest.SpiedFunction<Channel['parse']>;
	private workspaces = 0;

	constructor(private readonly channel: Channel) {
		jest.spyOn(channel, 'verify').mockReturnValue({ ok: true });
		this.parse = jest.spyOn(channel, 'parse');
		const { credentialType } = channel;
		if (!credentialType) return;
		this.bench.credentials[credentialType] = { ...SECRETS, ...settingsFor(channel) } as never;
	}

	/** From now on a store that knows nobody, without the time that a new file takes. */
	forget(): void {
		this.bench.credentials.conversationStoreApi!.workspace = `empty-${++this.workspaces}`;
	}

	async post(body: unknown, options: INodeParameters = {}) {
		const { key } = this.channel;
		const isForm = typeof body === 'string' && key === 'twilio';
		const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
		this.parse.mockClear();
		const { answer, webhookResponse } = await this.bench.webhook(
			posted(body, { 'content-type': type }),
			{
				parameters: {
					channel: key,
					...(WITH_ACCOUNT.includes(key) ? { account: 'webshop' } : {}),
					options,
				},
			},
		);
		const [parsed] = this.parse.mock.results;
		return {
			answer,
			status: answer.status ?? 200,
			receipt: webhookResponse as Record<string, number> | undefined,
			isUnreadable: (parsed?.value as ParsedBody | undefined)?.unreadable !== undefined,
		};
	}

	async store(): Promise<ConversationStore> {
		return await this.bench.store();
	}

	/** How many there are, open and closed. */
	async conversations(): Promise<number> {
		const { open, closed } = (await (await this.store()).countEverything()).conversations;
		return open + closed;
	}
}
