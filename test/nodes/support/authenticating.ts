import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IDataObject,
	IHttpRequestOptions,
} from 'n8n-workflow';
import { ConversationChatwootApi } from '../../../credentials/ConversationChatwootApi.credentials';
import { ConversationEvolutionApi } from '../../../credentials/ConversationEvolutionApi.credentials';
import { ConversationInstagramApi } from '../../../credentials/ConversationInstagramApi.credentials';
import { ConversationLineApi } from '../../../credentials/ConversationLineApi.credentials';
import { ConversationLookupApi } from '../../../credentials/ConversationLookupApi.credentials';
import { ConversationMessengerApi } from '../../../credentials/ConversationMessengerApi.credentials';
import { ConversationRespondIoApi } from '../../../credentials/ConversationRespondIoApi.credentials';
import { ConversationTelegramApi } from '../../../credentials/ConversationTelegramApi.credentials';
import { ConversationTwilioApi } from '../../../credentials/ConversationTwilioApi.credentials';
import { ConversationViberApi } from '../../../credentials/ConversationViberApi.credentials';
import { ConversationWahaApi } from '../../../credentials/ConversationWahaApi.credentials';
import { ConversationWhatsAppApi } from '../../../credentials/ConversationWhatsAppApi.credentials';

const types: Record<string, ICredentialType> = {
	conversationChatwootApi: new ConversationChatwootApi(),
	conversationEvolutionApi: new ConversationEvolutionApi(),
	conversationInstagramApi: new ConversationInstagramApi(),
	conversationLineApi: new ConversationLineApi(),
	conversationLookupApi: new ConversationLookupApi(),
	conversationMessengerApi: new ConversationMessengerApi(),
	conversationRespondIoApi: new ConversationRespondIoApi(),
	conversationTelegramApi: new ConversationTelegramApi(),
	conversationTwilioApi: new ConversationTwilioApi(),
	conversationViberApi: new ConversationViberApi(),
	conversationWahaApi: new ConversationWahaApi(),
	conversationWhatsAppApi: new ConversationWhatsAppApi(),
};

/**
 * What n8n's credentials helper does to a request: the credential's own function, or its headers with
 * the values that `{{$credentials.name}}` stands for.
 */
export async function authenticate(
	credentials: ICredentialDataDecryptedObject,
	type: string,
	request: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	const { authenticate: how } = types[type] ?? {};
	if (typeof how === 'function') return await how(credentials, request);
	const headers: IDataObject = { ...request.headers };
	for (const [name, value] of Object.entries(how?.properties.headers ?? {})) {
		headers[name] = String(value)
			.replace(/^=/, '')
			.replace(/\{\{\s*\$credentials\.(\w+)\s*\}\}/g, (_whole, field: string) =>
				String(credentials[field] ?? ''),
			);
	}
	return { ...request, headers };
}
