import axios from 'axios';
import type { ConversationStore } from '../../nodes/store/store';
import type { Workflow } from './types';
import { until } from './waiting';

const FORM = 'n8n-nodes-base.formTrigger';

/** How many conversations the demonstration's agents resolve. */
const RESOLVED = 4;

/** A conversation that was closed, and the customer's number, who may write again. */
export interface Resolved {
	conversationId: string;
	waId: string;
}

/**
 * Agents resolve the oldest conversations that they have, by the form of the template "Close on an
 * agent's request".
 */
export async function resolveSome(
	store: ConversationStore,
	hostUrl: string,
	workflow: Workflow,
): Promise<Resolved[]> {
	const form = workflow.nodes.find(({ type }) => type === FORM);
	if (!form?.webhookId) throw new Error(`"${workflow.name}" has no form`);
	const url = `${hostUrl}/form/${form.webhookId}`;
	await until(async () => ((await isThere(url)) ? true : undefined), { what: `the form ${url}` });
	const open = await store.listConversations({ status: 'open', limit: 100, offset: 0 });
	const resolved: Resolved[] = [];
	for (const { conversation, contact } of open.reverse()) {
		if (!conversation.assignee || resolved.length === RESOLVED) continue;
		await axios.postForm(
			url,
			{
				'field-0': conversation.id,
				'field-1': conversation.team?.name ?? '',
				'field-2': 'Answered in the demonstration',
				'field-3': conversation.assignee.key,
			},
			{ proxy: false },
		);
		resolved.push({
			conversationId: conversation.id,
			waId: (contact.phone ?? '').replace('+', ''),
		});
	}
	for (const { conversationId } of resolved) {
		await until(
			async () => {
				const { conversation } = await store.getConversation(conversationId);
				return conversation.status === 'closed' ? true : undefined;
			},
			{ what: 'a conversation to be closed by the form' },
		);
	}
	return resolved;
}

async function isThere(url: string): Promise<boolean> {
	const { status } = await axios.get(url, { validateStatus: () => true, proxy: false });
	return status === 200;
}
