import {
	NodeConnectionTypes,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { icon, NODE_VERSION } from '../descriptions/common';
import { conversationIdOf, itemParts, messageOf } from '../runtime/conversationOfItem';
import { forEachItem } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';
import { enrichItem } from './enrichItem';
import { parameters } from './parameters';
import { accessFor } from './provideAccess';
import { readSettings } from './settings';
import { testLookup } from './testLookup';

/** Learns who writes and why, and keeps it with the contact. */
export class EnrichContact implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Enrich Contact',
		name: 'enrichContact',
		icon: icon('enrichContact'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle: '={{ $parameter["sources"].join(", ") }}',
		description:
			'Find out who writes and why: history, phone, language, intent, your CRM, and fields of your own',
		defaults: { name: 'Enrich Contact' },
		usableAsTool: true,
		inputs: [
			NodeConnectionTypes.Main,
			{
				type: NodeConnectionTypes.AiLanguageModel,
				displayName: 'Chat Model',
				maxConnections: 1,
				required: false,
			},
		],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
			{
				name: 'conversationLookupApi',
				required: true,
				testedBy: 'testLookup',
				displayOptions: { show: { '/sources': ['lookup'] } },
			},
		],
		properties: parameters,
	};

	methods = {
		...storeMethods,
		credentialTest: { ...storeMethods.credentialTest, testLookup },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await forEachItem(this, async (item, index, store) => {
			const { id, hint } = await conversationIdOf(this, store, item, index);
			const settings = readSettings(this, index);
			const stored = await store.getConversation(id);
			const known = { ...stored, message: messageOf(stored, item) };
			const { conversation, contact, enrichment, failures } = await enrichItem(
				known,
				settings,
				store,
				accessFor(this, index, store, known),
				this.getExecutionCancelSignal(),
			);
			const hints = [...(hint ? [hint] : []), ...failures];
			return {
				json: {
					...itemParts({ ...known, conversation, contact }, item),
					enrichment: enrichment as unknown as IDataObject,
				},
				...(hints.length > 0 ? { hint: hints.join('. ') } : {}),
			};
		});
	}
}
