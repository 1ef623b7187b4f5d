import { randomUUID } from 'node:crypto';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { InboundMessage } from '../../../nodes/channels/channel';
import { startTelegram, type ChatMessage, type TelegramStandIn } from '../../standins/telegram';
import { Bench, type RunOptions } from './bench';

export const QUESTION = 'How old are you?';

/** A customer on Telegram, and the node that asks. */
export interface Chat {
	bench: Bench;
	telegram: TelegramStandIn;
	/** What `who` writes; opens a conversation where none is open. Gives the item of it. */
	says(
		who: string,
		text: string,
		changes?: Partial<InboundMessage> & { language?: string },
	): Promise<INodeExecutionData>;
	/** Runs the node with these items in an execution of its own. */
	ask(
		items: INodeExecutionData[],
		parameters?: INodeParameters,
		options?: Partial<RunOptions>,
	): Promise<Run>;
	/** The buttons under the newest message to `who`, by their titles. */
	buttons(who: string): Record<string, string>;
	close(): Promise<void>;
}

/** A run of the node, and what n8n does with it afterwards. */
export interface Run extends Awaited<ReturnType<Bench['execute']>> {
	/** The pump's call, unless another is made. */
	call(...body: [] | [unknown]): ReturnType<Bench['resume']>;
	/** What the call has to name. */
	group(): Promise<string>;
}

export async function openChat(): Promise<Chat> {
	const bench = new Bench();
	const telegram = await startTelegram();
	const { type, data } = telegram.credential;
	bench.credentials[type] = data as never;
	const account = String(data.botToken).split(':')[0]!;
	let message = 0;
	return {
		bench,
		telegram,
		async says(who, text, { language, ...changes } = {}) {
			const store = await bench.store();
			telegram.starts(who);
			const { conversationId } = await store.receiveMessage({
				message: {
					...{ kind: 'message', channel: 'telegram', account, id: `${who}:${++message}` },
					source: 'contact',
					contact: {
						identities: [{ channel: 'telegram', account, id: who }],
						...{ name: 'سارة', replyTo: who },
						...(language === undefined ? {} : { language }),
					},
					...{ type: 'text', text, attachments: [], sentAt: Date.now(), raw: {} },
					...changes,
				},
				opens: true,
				keepRaw: false,
				replyUntil: null,
				mentionsAny: () => false,
			});
			return { json: { ...(await store.getConversation(conversationId!)) } };
		},
		async ask(items, parameters = {}, options = {}) {
			const run: RunOptions = {
				parameters: {
					...{ channels: ['telegram'], prompt: QUESTION },
					...('answerType' in parameters ? {} : { answerType: 'number' }),
					...parameters,
				},
				items,
				executionId: randomUUID(),
				...options,
			};
			const result = await bench.execute('askQuestion', run);
			const group = async () => {
				const { group_id: id } = await (
					await bench.store()
				).engine.db
					.selectFrom('waits')
					.select('group_id')
					.where('execution_id', '=', run.executionId ?? '')
					.orderBy('id', 'desc')
					.limit(1)
					.executeTakeFirstOrThrow();
				return id;
			};
			return {
				...result,
				group,
				call: async (...given) => {
					const body = given.length > 0 ? given[0] : { wait: await group() };
					return await bench.resume('askQuestion', body, run);
				},
			};
		},
		buttons(who) {
			const newest = telegram.sentTo(who).at(-1) as ChatMessage & {
				reply_markup?: {
					inline_keyboard: Array<Array<{ text: string; callback_data: string }>>;
				};
			};
			const keys = newest.reply_markup?.inline_keyboard.flat() ?? [];
			return Object.fromEntries(keys.map(({ text, callback_data: id }) => [text, id]));
		},
		close: async () => await telegram.close(),
	};
}
