import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';
import { channels } from '../../nodes/channels';
import type { Channel } from '../../nodes/channels/channel';
import type { ConversationStore } from '../../nodes/store/store';
import { bodiesOf, type Body } from '../channels/bodies';
import { doubled, garbled, reordered, spoilt } from '../channels/mutating';
import { NOW, readFixtures } from '../channels/requests';
import { EAGER, OpenDoor, WITH_ACCOUNT } from './support/openDoor';

/** What is expected of them holds for a credential without Account ID. */
const OF_OTHER_SETTINGS = new Set(['chatwoot/no-account.json']);

/** A message that opens, as an expectation of a fixture has it. */
const isForBusiness = (message: Record<string, unknown>) =>
	message.kind === 'message' &&
	['group', 'occasion', 'neverOpens'].every((key) => message[key] === undefined);

/** Bodies that came intact, and whether one of them opens a conversation with somebody new. */
async function intact(channel: Channel): Promise<Array<Body & { opens: boolean }>> {
	const { key } = channel;
	const all = bodiesOf(channel).filter(({ name }) => !OF_OTHER_SETTINGS.has(`${key}/${name}`));
	if (WITH_ACCOUNT.includes(key)) return all.map((body) => ({ ...body, opens: true }));
	const { opens } = (await import(`../channels/samples/${key}`)) as {
		opens: Record<string, number>;
	};
	const fixtures = new Map(readFixtures(key).map((fixture) => [fixture.name, fixture] as const));
	return all.map(({ name, body }) => {
		const fixture = fixtures.get(path.basename(name, '.json'));
		const isOurs = fixture !== undefined && isDeepStrictEqual(fixture.body, body);
		const does = isOurs ? fixture.expect.messages.some(isForBusiness) : (opens[name] ?? 0) > 0;
		return { name, body, opens: does };
	});
}

/** Whatever came, the store holds only conversations with somebody, who can be found again. */
async function expectSoundStore(store: ConversationStore): Promise<void> {
	const { db } = store.engine;
	const conversations = await db.selectFrom('conversations').selectAll().execute();
	const identities = await db.selectFrom('identities').selectAll().execute();
	const known = new Set(identities.map(({ contact_key: key }) => key));
	for (const { external_id: id, contact_key: key } of identities) {
		expect(id.trim()).not.toBe('');
		expect(key.trim()).not.toBe('');
	}
	for (const { contact_key: key, account, first_message_id: first } of conversations) {
		expect(known).toContain(key);
		expect(account.trim()).not.toBe('');
		expect(first).not.toBeNull();
	}
	const open = conversations.filter(({ closed_at: at }) => at === null);
	const owners = open.map(({ workspace, contact_key: key }) => `${workspace} ${key}`);
	expect(new Set(owners).size).toBe(open.length);
	const messages = await db.selectFrom('messages').selectAll().execute();
	for (const { channel_message_id: id, contact_key: key, sent_at: at } of messages) {
		expect(id.trim()).not.toBe('');
		expect(known).toContain(key);
		expect(Number.isSafeInteger(at)).toBe(true);
	}
}

const cases: Array<[string, Channel]> = channels.map((channel) => [channel.displayName, channel]);

describe.each(cases)('webhooks of %s', (_name, channel) => {
	let door: OpenDoor;
	beforeEach(() => {
		door = new OpenDoor(channel);
		// The bodies are of this day, and some are too old to open on another.
		const { now } = Date;
		const began = now();
		jest.spyOn(Date, 'now').mockImplementation(() => NOW + now() - began);
	});
	afterEach(async () => {
		await expectSoundStore(await door.store());
		jest.restoreAllMocks();
	});

	/** Posts, sees that the provider has no reason to post it for days, and counts what has opened. */
	async function post(body: unknown, options: INodeParameters = {}): Promise<number> {
		const before = await door.conversations();
		const { status, isUnreadable } = await door.post(body, options);
		expect(status).toBe(isUnreadable ? 400 : 200);
		return (await door.conversations()) - before;
	}

	test('intact, each opens what it should, and nothing more when it comes again', async () => {
		for (const { name, body, opens } of await intact(channel)) {
			door.forget();
			const opened = await post(body, { oldestMessage: 0 });
			expect([name, opened > 0]).toEqual([name, opens]);
			expect([name, await post(body, { oldestMessage: 0 })]).toEqual([name, 0]);
		}
	});

	test('with the options as they are, what is no message to the business opens nothing', async () => {
		for (const { name, body, opens } of await intact(channel)) {
			if (opens) continue;
			door.forget();
			expect([name, await post(body)]).toEqual([name, 0]);
		}
	});

	test('changed in any way, they harm nothing', async () => {
		const bodies = bodiesOf(channel).map(({ body }) => body);
		const forms = bodies.filter((body) => typeof body === 'string');
		const json = bodies.filter((body) => typeof body === 'object');
		const hostile = fc.oneof(
			...(forms.length > 0 ? [{ weight: 6, arbitrary: garbled(forms) }] : []),
			...(json.length > 0
				? [
						{ weight: 6, arbitrary: spoilt(json) },
						{ weight: 1, arbitrary: fc.constantFrom(...json).map(doubled) },
						{ weight: 1, arbitrary: fc.constantFrom(...json).map(reordered) },
					]
				: []),
			{ weight: 1, arbitrary: fc.jsonValue() },
		);
		await fc.assert(
			fc.asyncProperty(hostile, fc.constantFrom({}, EAGER), async (body, options) => {
				await post(body, options);
			}),
			{ numRuns: 120 },
		);
	});
});
