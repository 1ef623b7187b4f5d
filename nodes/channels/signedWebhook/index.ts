import type { Channel, ChannelRequest, ChannelSettings, HandshakeAnswer } from '../channel';
import { exactObject } from '../exactJson';
import { accountOf, parseGenericBody } from '../genericBody';
import { secretsOf } from '../signatures';
import { verifyCustom } from './custom';
import { customSecretProblem, readCustomScheme } from './customScheme';
import { standardKeys, standardProblem, verifyStandard } from './standard';

/**
 * The body of Plain Webhook, with a signature that proves who sent it.
 *
 * Settings: `scheme` (`standardWebhooks`, the default, or `custom`), `signingSecret` (several,
 * separated by commas or new lines, while one is replaced) and `account`, a name for the sending
 * system (default `default`). The scheme `custom` has further settings, see `customScheme.ts`.
 */
export const signedWebhook: Channel = {
	key: 'signedWebhook',
	displayName: 'Signed Webhook',
	credentialType: 'conversationSignedWebhookApi',

	missingSettings(settings) {
		switch (schemeOf(settings)) {
			case 'standardWebhooks':
				return standardKeys(settings.signingSecret).length === 0 ? ['Signing Secret'] : [];
			case 'custom': {
				const read = readCustomScheme(settings);
				return 'problems' in read ? [...new Set(read.problems.map(({ field }) => field))] : [];
			}
			default:
				return ['Scheme'];
		}
	},

	accounts: (settings) => [accountOf(settings.account)],

	verify(request, settings) {
		switch (schemeOf(settings)) {
			case 'standardWebhooks':
				return verifyStandard(request, settings.signingSecret);
			case 'custom':
				return verifyCustom(request, settings);
			default:
				return {
					ok: false,
					status: 401,
					reason: 'No Scheme is chosen in the credential, so no message can be trusted.',
				};
		}
	},

	challenge: answerChallenge,

	parse: (request, settings) =>
		parseGenericBody(request, 'signedWebhook', accountOf(settings.account)),
};

/**
 * Says what is wrong with the credential, in a sentence for the operator, or undefined when it can be
 * used. There is no remote side to ask, so this is all that a credential test can tell.
 */
export function signingSecretProblem(settings: ChannelSettings): string | undefined {
	const scheme = schemeOf(settings);
	if (scheme === undefined) return 'Choose a scheme.';
	if (secretsOf(settings.signingSecret).length === 0) {
		return 'Enter the signing secret that the sender shows for this webhook.';
	}
	if (scheme === 'standardWebhooks') return standardProblem(settings.signingSecret);
	const read = readCustomScheme(settings);
	if ('problems' in read) return read.problems[0]?.sentence;
	return customSecretProblem(settings);
}

/** A credential that was saved before there was a choice is one for Standard Webhooks. */
function schemeOf({ scheme }: ChannelSettings): 'standardWebhooks' | 'custom' | undefined {
	if (scheme === undefined || scheme === 'standardWebhooks') return 'standardWebhooks';
	return scheme === 'custom' ? scheme : undefined;
}

/** A check of the address is short; no message has to be read twice because of it. */
const LONGEST_CHALLENGE_BODY = 10_000;

/**
 * Answers the check `{"type":"url_verification","challenge":"…"}` with the challenge, as Slack and
 * senders like it ask for (Slack, "The request URL verification"). As text/plain, since what is
 * echoed comes from outside.
 */
function answerChallenge(request: ChannelRequest): HandshakeAnswer | undefined {
	if (request.rawBody.length > LONGEST_CHALLENGE_BODY) return undefined;
	const fields = exactObject(request.rawBody);
	if (fields?.type !== 'url_verification' || typeof fields.challenge !== 'string') return undefined;
	return { status: 200, contentType: 'text/plain', body: fields.challenge };
}
