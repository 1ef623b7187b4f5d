import { NodeConnectionTypes, type IExecuteFunctions } from 'n8n-workflow';
import { fingerprintOf } from '../enrichment/lookupCredential';
import type { ChatModel } from '../enrichment/intentModel';
import { isTool } from '../runtime/forEachItem';
import type { ConversationStore } from '../store/store';
import type { ConversationItem } from '../store/views';
import type { Access } from './access';
import { sourceFailure } from './failure';
import { callLookup, LOOKUP_CREDENTIAL } from './lookupCall';

/** How the sources of one item reach the chat model, the other system and the store. */
export function accessFor(
	context: IExecuteFunctions,
	index: number,
	store: ConversationStore,
	{ conversation, contact }: ConversationItem,
): Access {
	return {
		model: async () => {
			// n8n takes all inputs from the variant of a node that an AI agent uses.
			if (isTool(context)) return undefined;
			const { AiLanguageModel } = NodeConnectionTypes;
			const model: unknown = await context.getInputConnectionData(AiLanguageModel, index);
			return isChatModel(model) ? model : undefined;
		},
		team: async (key) => await store.getTeam(key),
		lookup: async () => {
			const credential = await context.getCredentials(LOOKUP_CREDENTIAL, index).catch(() => {
				throw sourceFailure("Choose a 'Conversation Look-Up API' credential in the node");
			});
			const about = { conversationId: conversation.id, contactKey: contact.key };
			return {
				fingerprint: fingerprintOf(credential),
				call: async (request, signal) => await callLookup(context, credential, request, signal),
				read: async (key) => await store.readLookup({ ...about, key }),
				write: async (key, answer, lifetime) =>
					await store.writeLookup({ ...about, key, answer, lifetime }),
			};
		},
	};
}

const isChatModel = (model: unknown): model is ChatModel =>
	typeof (model as Partial<ChatModel> | undefined)?.invoke === 'function';
