import { ConversationStore } from '../../nodes/store/store';
import { verify } from '../host/whatsapp';
import { inboundFlow } from './support/flows';
import { ownSamples, sharedSamples } from './support/outcomes';
import { startRig, VERIFY_WORD, type Rig } from './support/rig';
import { staff } from './support/team';
import { postRaw, withOwnIds } from './support/whatsappBodies';

jest.setTimeout(300_000);

describe('WhatsApp Cloud API against a real n8n', () => {
	let rig: Rig;
	let store: ConversationStore;
	let url: string;

	beforeAll(async () => {
		rig = await startRig({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' });
		store = await rig.openStore();
		await staff(store, 'support', 2, 1000);
		({ url } = await rig.publish(inboundFlow('support')));
	});

	afterAll(async () => await rig.stop());

	const conversations = async () => {
		const { conversations: counted } = await store.countEverything();
		return counted.open + counted.closed;
	};

	/** So that the next body finds its contact without an open conversation. */
	const closeAll = async () => {
		for (const { conversation } of await store.listConversations({
			status: 'open',
			limit: 100,
			offset: 0,
		})) {
			await store.closeConversation({
				conversationId: conversation.id,
				category: null,
				summary: null,
				source: 'api',
			});
		}
	};

	afterEach(closeAll);

	it('answers the handshake, and refuses another token', async () => {
		expect(await verify(url, VERIFY_WORD, '1158201444')).toMatchObject({
			status: 200,
			body: '1158201444',
		});
		expect((await verify(url, 'not it', '1158201444')).status).toBe(403);
	});

	const samples = [
		...ownSamples().map((sample) => ({ ...sample, from: 'fixture' })),
		...sharedSamples().map((sample) => ({ ...sample, from: 'sample' })),
	];

	it.each(samples)('$from $file: opens $opens', async ({ file, from, body, opens }) => {
		const before = await conversations();
		const answer = await postRaw(url, withOwnIds(body, `-${from}-${file}`));
		const opened = (await conversations()) - before;
		if (opens !== undefined) expect(opened > 0).toBe(opens);
		// Whatever a body holds, Meta is not to send it again, unless it is no webhook of this product.
		expect([200, 400]).toContain(answer.status);
		if (answer.status === 400) expect(opens).toBe(false);
	});

	it('refuses a wrong, a missing and a SHA-1 signature with 401, and opens nothing', async () => {
		const [sample] = samples.filter(({ opens }) => opens);
		const body = withOwnIds(sample!.body, '-unsigned');
		const before = await conversations();
		for (const headers of [
			{ 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` },
			{ 'x-hub-signature-256': undefined },
			{ 'x-hub-signature-256': undefined, 'x-hub-signature': `sha1=${'0'.repeat(40)}` },
		]) {
			const { status, data } = await postRaw(url, body, headers);
			expect(status).toBe(401);
			expect(data.error).toMatch(/signature/i);
		}
		expect(await conversations()).toBe(before);
	});
});
