import { Bench } from './support/bench';
import { byKey, closed, failure, failureOf, idOf, openedItem } from './support/samples';

const nodesThatAct = [
	'enrichContact',
	'routeToTeam',
	'autoAssignAgent',
	'closeConversation',
] as const;

const details = { contactDetails: { phone: '+201001234567', email: 'amal@example.com' } };

describe.each(nodesThatAct)("the parameter 'Conversation' of %s", (node) => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});
	/** Nobody is there to wait for. */
	const atOnce = node === 'autoAssignAgent' ? { whenNobody: 'continue' } : {};

	test('From Input: takes the conversation of the item, and keeps its JSON and binary', async () => {
		const item = await openedItem(bench, 'amal');
		const binary = { file: { data: 'eA==', mimeType: 'text/plain' } };
		const { outputs } = await bench.execute(node, {
			parameters: atOnce,
			items: [{ json: { ...item.json, kept: { deep: 1 } }, binary }],
		});
		const [result] = outputs.flat();
		expect(result).toMatchObject({ json: { kept: { deep: 1 } }, binary, pairedItem: { item: 0 } });
		expect(idOf(result)).toBe(idOf(item));
	});

	test('From Input: keeps the message that the item is about', async () => {
		const item = await openedItem(bench, 'amal');
		const later = { id: 'm-2', type: 'text', text: 'a later one', attachments: [], sentAt: 'x' };
		const { outputs } = await bench.execute(node, {
			parameters: atOnce,
			items: [{ json: { ...item.json, message: later } }],
		});
		expect(outputs.flat()[0]?.json.message).toEqual(later);
	});

	test('By ID: works for an item without conversation, spaces do not matter', async () => {
		const id = idOf(await openedItem(bench, 'amal'));
		const { outputs } = await bench.execute(node, {
			parameters: { ...atOnce, conversationFrom: 'id', conversationId: byKey(` ${id} `) },
			items: [{ other: true }],
		});
		expect(outputs.flat()[0]?.json).toMatchObject({
			other: true,
			conversation: { id },
			contact: {},
			message: { text: 'Hello' },
		});
	});

	test.each(['+201001234567', 'amal@example.com', 'amal'])(
		'Open Conversation of Contact: %s',
		async (who) => {
			const id = idOf(await openedItem(bench, 'amal', details));
			const { outputs } = await bench.execute(node, {
				parameters: { ...atOnce, conversationFrom: 'contact', conversationContact: ` ${who} ` },
			});
			expect(idOf(outputs.flat()[0])).toBe(id);
		},
	);

	const wrong = [
		[{}, 'The item has no conversation', 'Connect this node behind Conversation Opened'],
		[
			{ conversationFrom: 'id', conversationId: byKey('') },
			"'Conversation ID' is empty",
			'Choose a conversation from the list',
		],
		[
			{ conversationFrom: 'id', conversationId: byKey('gone') },
			"No conversation has the ID 'gone'",
			'this node uses the same Conversation Store credential and workspace',
		],
		[
			{ conversationFrom: 'contact', conversationContact: '' },
			"'Contact' is empty",
			'Give a phone number',
		],
		[
			{ conversationFrom: 'contact', conversationContact: 'nobody' },
			"No contact is known as 'nobody'",
			'a phone number in international form',
		],
	] as const;
	test.each(wrong)('refuses %j', async (parameters, sentence, hint) => {
		const run = bench.execute(node, { parameters: { ...parameters }, incomplete: true });
		expect(await failureOf(run)).toEqual(failure(sentence, hint));
	});

	test('refuses a contact that has no open conversation', async () => {
		await closed(bench, await openedItem(bench, 'amal'));
		const run = bench.execute(node, {
			parameters: { conversationFrom: 'contact', conversationContact: 'amal' },
		});
		expect(await failureOf(run)).toEqual(
			failure("The contact 'amal' has no open conversation", 'Open one first'),
		);
	});

	test('refuses a conversation of another workspace of the same store', async () => {
		const item = await openedItem(bench, 'amal');
		bench.credentials.conversationStoreApi!.workspace = 'globex';
		const run = bench.execute(node, { items: [item] });
		expect(await failureOf(run)).toEqual(
			failure(`No conversation has the ID '${idOf(item)}'`, 'credential and workspace'),
		);
	});

	test('says what to do without a credential', async () => {
		const run = bench.execute(node, { items: [{}], credentials: [] });
		expect(await failureOf(run)).toEqual({
			...failure('', 'Choose a Conversation Store credential in the node'),
			message: expect.stringMatching(/^Node does not have any credentials set.* \[Item 0\]$/),
		});
	});

	test('says which expression is wrong', async () => {
		const run = bench.execute(node, {
			parameters: {
				conversationFrom: 'contact',
				conversationContact: '={{ $("Gone").item.json.a }}',
			},
		});
		const { message, description, itemIndex } = await failureOf(run);
		expect(message).toMatch(/ \[Item 0\]$/);
		expect(description).not.toContain('Please report');
		expect(itemIndex).toBe(0);
	});
});
