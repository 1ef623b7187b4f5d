import {
	NodeConnectionTypes,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { icon, NODE_VERSION } from '../descriptions/common';
import { keywordList } from '../descriptions/lists';
import { conversationIdOf, itemParts, messageOf } from '../runtime/conversationOfItem';
import { forEachItem } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';
import { askSources, writesOf } from './enrich';
import { parameters } from './parameters';

interface Options {
	addTags?: string;
	defaultCountry?: string;
	fieldsMode?: 'fillIfEmpty' | 'overwrite';
	learnedMode?: 'fillIfEmpty' | 'overwrite' | 'keep';
	leastConfidence?: number;
}

/** Learns who writes and why, and keeps it with the contact. */
export class EnrichContact implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Enrich Contact',
		name: 'enrichContact',
		icon: icon('enrichContact'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle: '={{ $parameter["sources"].join(", ") }}',
		description: 'Find out who writes: history, phone, language, and fields of your own',
		defaults: { name: 'Enrich Contact' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		properties: parameters,
	};

	methods = storeMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await forEachItem(this, async (item, index, store) => {
			const { id, hint } = await conversationIdOf(this, store, item, index);
			const names = this.getNodeParameter('sources', index) as string[];
			const options = this.getNodeParameter('options', index, {}) as Options;
			const { assignments = [] } = this.getNodeParameter('fields', index, {}) as {
				assignments?: Array<{ name: string; value: unknown }>;
			};
			const stored = await store.getConversation(id);
			const known = { ...stored, message: messageOf(stored, item) };
			const settings = {
				defaultCountry: (options.defaultCountry ?? '').trim().toUpperCase(),
				leastConfidence: options.leastConfidence ?? 0.5,
			};
			const { outcomes, save } = await askSources(names, known, settings, store.clock);
			const { contact, written } = await store.enrichContact({
				contactKey: known.contact.key,
				conversationId: known.conversation.id,
				writes: writesOf(
					save,
					options.learnedMode ?? 'fillIfEmpty',
					assignments,
					options.fieldsMode ?? 'overwrite',
				),
				addTags: keywordList(options.addTags),
				source: 'workflow',
			});
			const enrichment = { sources: outcomes, saved: written } as unknown as IDataObject;
			return {
				json: { ...itemParts({ ...known, contact }, item), enrichment },
				...(hint ? { hint } : {}),
			};
		});
	}
}
