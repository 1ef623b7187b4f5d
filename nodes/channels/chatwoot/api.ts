import { ChannelError } from '../errors';
import { idOf } from '../fields';
import { baseUrlOf, isOk, type ChannelTools, type HttpAnswer, type HttpCall } from '../http';
import { errorOf, type Circumstances } from '../platforms/answers';
import { hostOf, partsOfAccount } from './place';

/** Account and conversation, as the addresses of Chatwoot's "Application APIs" name them. */
export function accountUrl(tools: ChannelTools, account?: string): string {
	const base = baseUrlOf(tools.settings.baseUrl, '');
	if (base === '') throw missing('Base URL', 'the address at which you open Chatwoot');
	// A conversation knows its own account; a token may be for several.
	const there = account === undefined ? undefined : partsOfAccount(account);
	if (there?.host !== undefined && there.host !== hostOf(base)) throw elsewhere(there.host);
	const id = there?.id ?? idOf(tools.settings.accountId);
	if (id === undefined) throw missing('Account ID', 'the number after /accounts/ in its address');
	return `${base}/api/v1/accounts/${encodeURIComponent(id)}`;
}

export const conversationUrl = (
	tools: ChannelTools,
	{ account, to }: { account: string; to: string },
) => `${accountUrl(tools, account)}/conversations/${encodeURIComponent(to)}`;

/** Elsewhere the same number is another conversation, with somebody else. */
function elsewhere(host: string): ChannelError {
	return new ChannelError(
		'rejected',
		`The conversation is in the Chatwoot at ${host}, and the credential is for another one`,
		'Choose the credential of that Chatwoot. If it has moved to another address, wait until the contact writes again.',
	);
}

function missing(field: string, what: string): ChannelError {
	return new ChannelError(
		'rejected',
		`The Chatwoot credential has no ${field}`,
		`Enter ${field} in the credential: ${what}.`,
	);
}

const NEW_TOKEN =
	'Enter the access token of an agent who may see this conversation in the credential: Chatwoot, Profile settings, Access token. Webhooks need the token of an administrator.';

const NO_CONVERSATION = {
	message: 'Chatwoot does not know this conversation',
	hint: 'It may have been deleted, or the token belongs to an agent who is not in its inbox. Look in Chatwoot.',
};

interface Particulars extends Partial<Pick<Circumstances, 'missing' | 'written' | 'once'>> {
	/** What is to be removed may be gone already. */
	goneIsFine?: true;
}

/** Makes a call and gives the answer where it went well. @throws ChannelError */
export async function ask(
	tools: ChannelTools,
	call: HttpCall,
	more: Particulars = {},
): Promise<HttpAnswer> {
	const answer = await tools.call(call);
	const { goneIsFine, ...about } = more;
	if (isOk(answer) || (goneIsFine && answer.status === 404)) return answer;
	throw errorOf(answer, {
		platform: 'Chatwoot',
		newToken: NEW_TOKEN,
		missing: NO_CONVERSATION,
		...about,
	});
}
