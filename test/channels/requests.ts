import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ChannelNotice, ChannelRequest, ParsedBody } from '../../nodes/channels/channel';

/** 1 January 2026, 12:00 UTC: the clock of all tests of the channels. */
export const NOW = Date.UTC(2026, 0, 1, 12);

/** A request with this body; anything but a text or bytes is written as JSON. */
export function requestOf(body: unknown, headers: ChannelRequest['headers'] = {}): ChannelRequest {
	const rawBody = Buffer.isBuffer(body)
		? body
		: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8');
	return { headers, query: {}, rawBody, url: 'https://n8n.example.com/webhook/inbound', now: NOW };
}

export function metaSignature(body: Buffer | string, secret: string): string {
	return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** A webhook body of our own making, and what must be found in it. */
export interface Fixture {
	name: string;
	about: string;
	body: unknown;
	expect: {
		messages: Array<Record<string, unknown>>;
		notices?: ChannelNotice[];
		ignored: string[];
		malformed: string[];
	};
}

export function readFixtures(channel: string): Fixture[] {
	const folder = path.join(__dirname, 'fixtures', channel);
	return readdirSync(folder).map((file) => ({
		name: path.basename(file, '.json'),
		...(JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Omit<Fixture, 'name'>),
	}));
}

/** The rules that hold for every parsed body, whatever was sent. */
export function expectSoundness(parsed: ParsedBody): void {
	for (const message of parsed.messages) {
		expect(message.id).toEqual(expect.any(String));
		expect(message.id).not.toBe('');
		expect(message.account).not.toBe('');
		expect(typeof message.text).toBe('string');
		expect(Number.isSafeInteger(message.sentAt)).toBe(true);
		expect(message.contact.identities.length).toBeGreaterThan(0);
		for (const identity of message.contact.identities) {
			expect(typeof identity.id).toBe('string');
			expect(identity.id).not.toBe('');
		}
		for (const value of Object.values(message)) expect(value).not.toBeUndefined();
	}
	for (const notice of parsed.notices ?? []) {
		expect(notice.account).not.toBe('');
		expect(Number.isSafeInteger(notice.at)).toBe(true);
		if (notice.kind === 'status') expect(notice.id).not.toBe('');
		else if (notice.kind !== 'platform') expect(notice.identities.length).toBeGreaterThan(0);
	}
	for (const { reason } of [...parsed.ignored, ...parsed.malformed]) {
		expect(reason).toMatch(/\.$/);
		expect(reason.length).toBeLessThan(1000);
	}
}
