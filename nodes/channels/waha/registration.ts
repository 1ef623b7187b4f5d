import { ChannelError } from '../errors';
import { fieldsOf, listOf, textOf, type Fields } from '../fields';
import { isOk, type ChannelTools } from '../http';
import type { Registration } from '../registration';
import { errorOf } from './answers';
import { addressOf, sessionOf } from './send';
import { keysOf, registeredKey } from './verify';

/**
 * What the channel reads. `message.any` has everything that `message` has, and what the team writes
 * on the phone: with both, each message would come twice.
 */
const EVENTS = [
	'message.any',
	'message.ack',
	'message.edited',
	'message.revoked',
	'message.reaction',
];

/** Over two hours in all, so that no message is lost while n8n restarts. */
const RETRIES = { policy: 'exponential', delaySeconds: 2, attempts: 12 };

/**
 * The webhooks of a session (`/api/sessions/{session}`, documentation of 2026.7). There may be
 * several. To change one, all of the session's configuration is written anew and the session starts
 * again: so nothing is written where nothing changes. Webhooks that the server has for all of its
 * sessions cannot be seen.
 */
export const registration: Registration = {
	exclusive: false,

	address: (url) => url,

	async current(tools) {
		const hooks = webhooksIn(await configOf(tools));
		// An address with another key counts as missing: its messages would be refused.
		return hooks.flatMap((hook) => (isReady(hook, tools) ? (textOf(hook.url) ?? []) : []));
	},

	async set(address, tools) {
		const key = registeredKey(tools.settings);
		if (key === undefined) {
			throw new ChannelError(
				'rejected',
				'The credential has neither an HMAC Key nor an API Key that nobody can guess, so the webhook could not be signed',
				'Give WAHA an API key of at least 16 characters and enter it in the credential, or enter an HMAC Key.',
			);
		}
		const config = await configOf(tools);
		const hooks = webhooksIn(config);
		const own = hooks.find((hook) => textOf(hook.url) === address);
		if (own && isReady(own, tools)) return;
		const hook = { ...own, url: address, events: EVENTS, hmac: { key }, retries: RETRIES };
		const others = hooks.filter((one) => textOf(one.url) !== address);
		await write({ ...config, webhooks: [...others, hook] }, tools);
	},

	async remove(address, tools) {
		const config = await configOf(tools);
		const hooks = webhooksIn(config);
		const others = hooks.filter((hook) => textOf(hook.url) !== address);
		if (others.length < hooks.length) await write({ ...config, webhooks: others }, tools);
	},
};

const sessionUrl = ({ settings }: ChannelTools) =>
	`${addressOf(settings)}/api/sessions/${encodeURIComponent(sessionOf(settings))}`;

async function configOf(tools: ChannelTools): Promise<Fields> {
	const answer = await tools.call({ method: 'GET', url: sessionUrl(tools) });
	if (!isOk(answer)) throw errorOf(answer);
	const session = fieldsOf(answer.body);
	// Writing over a configuration that could not be read would delete it.
	if (
		!session ||
		(session.config !== undefined && session.config !== null && !fieldsOf(session.config))
	) {
		throw new ChannelError(
			'unclear',
			'WAHA answered with something else than a session',
			'Check that Base URL in the credential is the address of WAHA itself.',
		);
	}
	return fieldsOf(session.config) ?? {};
}

async function write(config: Fields, tools: ChannelTools): Promise<void> {
	const json = { name: sessionOf(tools.settings), config };
	const answer = await tools.call({ method: 'PUT', url: sessionUrl(tools), json });
	if (!isOk(answer)) throw errorOf(answer);
}

function webhooksIn(config: Fields): Fields[] {
	return listOf(config.webhooks)
		.map(fieldsOf)
		.filter((hook) => hook !== undefined);
}

/** Whether a webhook sends what the channel reads, signed with a key that it knows. */
function isReady(hook: Fields, { settings }: ChannelTools): boolean {
	const events = listOf(hook.events);
	const key = textOf(fieldsOf(hook.hmac)?.key);
	const isComplete =
		events.includes('*') ||
		(EVENTS.every((event) => events.includes(event)) && !events.includes('message'));
	return isComplete && key !== undefined && keysOf(settings).includes(key);
}
