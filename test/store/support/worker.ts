import { ConversationStore } from '../../../nodes/store/store';
import { openPlace, type Place } from './place';

/**
 * A process of its own on a store, bundled and started by processes.test.ts: `place job name`.
 * It prints a line for each thing that the store has acknowledged.
 */
const [place = '', job = '', name = ''] = process.argv.slice(2);

const say = (line: string) => process.stdout.write(`${line}\n`);

async function receive(store: ConversationStore, who: string, id: string) {
	return await store.receiveMessage({
		message: {
			kind: 'message',
			channel: 'chat',
			account: 'main',
			id,
			source: 'contact',
			contact: { identities: [{ channel: 'chat', account: 'main', id: who }] },
			type: 'text',
			text: 'Hello',
			attachments: [],
			sentAt: 0,
			raw: null,
		},
		opens: true,
		keepRaw: false,
		mentionsAny: () => true,
	});
}

const policy = { strategy: 'roundRobin' as const, onlyOnline: true, maxOpen: null };
const to = { kind: 'team' as const, team: 'sales' };

const jobs: Record<string, (store: ConversationStore) => Promise<void>> = {
	async same(store) {
		for (let i = 0; i < 20; i++) say((await receive(store, `c${i}`, `m${i}`)).outcome);
	},
	async assign(store) {
		for (let i = 0; i < 10; i++) {
			const { conversationId } = await receive(store, `${name}-${i}`, `${name}-${i}`);
			const { outcome } = await store.assignConversation({
				conversationId: conversationId ?? '',
				to,
				policy,
				exclude: [],
				source: 'workflow',
			});
			say(outcome);
		}
	},
	/** Opens, assigns and closes for ever, until it is killed. */
	async stream(store) {
		for (let i = 0; ; i++) {
			const id = `${name}-${i}`;
			const { conversationId } = await receive(store, `${name}-${i % 7}`, id);
			say(`message ${id}`);
			const item = { conversationId: conversationId ?? '', source: 'workflow' };
			await store.assignConversation({ ...item, to, policy, exclude: [] });
			if (i % 3 === 0) {
				await store.closeConversation({ ...item, category: null, summary: null });
				say(`closed ${item.conversationId}`);
			}
		}
	},
	/** Stands still in the middle of a change until it is killed. */
	async hold(store) {
		await store.engine.transaction(async (tx) => {
			await store.engine.holdNames(tx, ['pool:default:team sales']);
			await tx.updateTable('contacts').set({ name: 'never' }).execute();
			say('held');
			await new Promise(() => setInterval(() => {}, 1000));
		});
	},
	/** Stores messages for ever; what it does needs nothing of what it did before. */
	async messages(store) {
		for (let i = 0; ; i++) {
			await receive(store, `${name}-${i % 7}`, `${name}-${i}`);
			say(`message ${name}-${i}`);
		}
	},
	/** Restores what it has just backed up, for ever: nothing is ever missing. */
	async restore(store) {
		for (let i = 0; ; i++) {
			await receive(store, `${name}-${i % 7}`, `${name}-${i}`);
			say(`message ${name}-${i}`);
			const backup = await store.backUp({ keep: 2 });
			await store.restoreBackup({ name: backup.name, confirm: 'main' });
		}
	},
	async migrate(store) {
		say(await store.storeId());
	},
};

async function main(): Promise<void> {
	const store = new ConversationStore(await openPlace(JSON.parse(place) as Place), 'default');
	await jobs[job]?.(store);
	store.engine.close();
}

void main();
