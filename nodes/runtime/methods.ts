import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';
import type { ConversationStore } from '../store/store';
import { nodeFailure } from './failures';
import { storeOfNode, testConversationStore } from './storeOfNode';

const PAGE = 50;

interface Page {
	limit: number;
	offset: number;
	search?: string;
}

/** One searchable list of the store, as n8n's lists ask for it: page by page. */
function searchOf(read: (store: ConversationStore, page: Page) => Promise<INodeListSearchItems[]>) {
	return async function (
		this: ILoadOptionsFunctions,
		filter?: string,
		paginationToken?: string,
	): Promise<INodeListSearchResult> {
		const offset = Number(paginationToken ?? 0);
		try {
			const store = await storeOfNode(this);
			const results = await read(store, {
				limit: PAGE,
				offset,
				...(filter ? { search: filter } : {}),
			});
			return {
				results,
				...(results.length === PAGE ? { paginationToken: String(offset + PAGE) } : {}),
			};
		} catch (error) {
			throw nodeFailure(this.getNode(), error);
		}
	};
}

const searchTeams = searchOf(async (store, page) =>
	(await store.listTeams(page)).map(({ key, name }) => ({ name, value: key, description: key })),
);

const searchAgents = searchOf(async (store, page) =>
	(await store.listAgents(page)).map(({ key, name, presence }) => ({
		name: `${name} (${presence})`,
		value: key,
		description: key,
	})),
);

const searchConversations = searchOf(async (store, { limit, offset }) =>
	(await store.listConversations({ status: 'notClosed', limit, offset })).map(
		({ conversation, contact }) => ({
			name: `${contact.name ?? contact.phone ?? contact.key} · ${conversation.channel} · ${conversation.openedAt.slice(0, 16).replace('T', ' ')}`,
			value: conversation.id,
		}),
	),
);

const searchCategories = searchOf(async (store, { search, offset }) =>
	offset > 0
		? []
		: (await store.listCategories())
				.filter(({ name }) => !search || name.toLowerCase().includes(search.toLowerCase()))
				.map(({ name, description }) => ({ name, value: name, description })),
);

/** What every node of the pack offers the editor: its lists, and the credential's test. */
export const storeMethods = {
	listSearch: { searchTeams, searchAgents, searchConversations, searchCategories },
	credentialTest: { testConversationStore },
};
