import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IDataObject,
	IHttpRequestOptions,
} from 'n8n-workflow';
import { ConversationTelegramApi } from '../../../credentials/ConversationTelegramApi.credentials';
import { ConversationTwilioApi } from '../../../credentials/ConversationTwilioApi.credentials';
import { ConversationWhatsAppApi } from '../../../credentials/ConversationWhatsAppApi.credentials';

const types: Record<string, ICredentialType> = {
	conversationTelegramApi: new ConversationTelegramApi(),
	conversationTwilioApi: new ConversationTwilioApi(),
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
