import type { Fields } from '../fields';
import { baseUrlOf, isOk, type ChannelTools, type HttpAnswer, type HttpCall } from '../http';
import { errorOf, type Circumstances } from '../platforms/answers';

/** Developer API, version 2. */
export const apiUrlOf = (settings: Fields) =>
	baseUrlOf(settings.baseUrl, 'https://api.respond.io/v2');

/** Where webhooks are registered. */
export const appUrlOf = (settings: Fields) => baseUrlOf(settings.appUrl, 'https://app.respond.io');

export const apiUrl = (tools: ChannelTools) => apiUrlOf(tools.settings);

/**
 * A contact in the Developer API: `id:<number>`, as `replyTo` has it. The colon belongs there; what
 * else a body may have brought must not become a part of the address.
 */
export const contactUrl = (tools: ChannelTools, to: string) =>
	`${apiUrl(tools)}/contact/${encodeURIComponent(to).replace('%3A', ':')}`;

const NEW_TOKEN =
	'Create a new access token in respond.io under Settings, Integrations, Developer API, and enter it in the credential. The plan must include the Developer API.';

const NO_CONTACT = {
	message: 'respond.io does not know this contact, or not on this channel',
	hint: 'It may have been deleted or merged with another one. Look for the contact in respond.io.',
};

type Particulars = Partial<Pick<Circumstances, 'missing' | 'written' | 'once'>>;

/** Makes a call and gives the answer where it went well. @throws ChannelError */
export async function ask(
	tools: ChannelTools,
	call: HttpCall,
	more: Particulars = {},
): Promise<HttpAnswer> {
	const answer = await tools.call(call);
	if (isOk(answer)) return answer;
	throw errorOf(answer, {
		platform: 'respond.io',
		newToken: NEW_TOKEN,
		missing: NO_CONTACT,
		...more,
	});
}
