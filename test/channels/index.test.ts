import { channelByKey, channels } from '../../nodes/channels';

describe('the list of channels', () => {
	it('has each key and each name once', () => {
		expect(new Set(channels.map(({ key }) => key)).size).toBe(channels.length);
		expect(new Set(channels.map(({ displayName }) => displayName)).size).toBe(channels.length);
	});

	it('finds each by its key, and none by another', () => {
		for (const channel of channels) expect(channelByKey(channel.key)).toBe(channel);
		for (const key of ['', 'WhatsApp', 'constructor', '__proto__']) {
			expect(channelByKey(key)).toBeUndefined();
		}
	});
});
