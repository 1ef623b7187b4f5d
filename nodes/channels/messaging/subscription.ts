import { ChannelError } from '../errors';
import { fieldsOf, idOf, listOf, textOf } from '../fields';
import { isOk, type ChannelTools } from '../http';
import { graphFailure, graphUrlOf } from '../meta/graph';

/**
 * The callback URL is entered once in Meta's dashboard, for the app. Besides, each page or Instagram
 * account has to send its events to the app: without that, the URL is verified and nothing arrives
 * (Graph API, "Page Subscribed Apps"; Instagram Platform, "Webhooks").
 */
export interface Subscription {
	/** The page or account; `me` is whom the access token belongs to. */
	id: string;
	/** Without these no conversation opens. */
	needed: string[];
	/** Asked for besides, and left out where Meta does not know one of them. */
	wished: string[];
	/** For the sentence that tells what was done. */
	what: string;
}

/**
 * Lets the page or account send its events to the app, if it does not yet. Fields that the app has
 * already stay, since setting them replaces the whole list. Never undone: the app may be used by
 * others.
 *
 * @returns a sentence about what was done; undefined if nothing had to be, or without an access token
 * @throws ChannelError
 */
export async function subscribe(
	tools: ChannelTools,
	{ id, needed, wished, what }: Subscription,
): Promise<string | undefined> {
	if (textOf(tools.settings.accessToken) === undefined) return undefined;
	const fields = await currentFields(tools, id);
	const missing = [...needed, ...wished].filter((field) => !fields.includes(field));
	if (missing.length === 0) return undefined;

	const all = [...new Set([...fields, ...needed, ...wished])];
	const refusal = await set(tools, id, all);
	if (refusal) {
		if (refusal.failure !== 'rejected') throw refusal;
		if (needed.every((field) => fields.includes(field))) return undefined;
		const again = await set(tools, id, [...new Set([...fields, ...needed])]);
		if (again) throw again;
	}
	return `Subscribed the app to the messages of ${what}.`;
}

/** The fields that this app gets now; empty where it is not subscribed. */
export async function currentFields(tools: ChannelTools, id: string): Promise<string[]> {
	const base = graphUrlOf(tools.settings);
	const answer = await tools.call({ method: 'GET', url: `${base}/${id}/subscribed_apps` });
	if (!isOk(answer)) throw graphFailure(answer);
	const apps = listOf(fieldsOf(answer.body)?.data)
		.map(fieldsOf)
		.filter((app) => app !== undefined);
	if (apps.length === 0) return [];
	const app = await ownApp(tools, base);
	// Where Meta does not say which app the token is of, a single one is taken for it.
	const own = apps.filter(({ id }) => (app === undefined ? apps.length === 1 : idOf(id) === app));
	return own.flatMap(({ subscribed_fields: names }) => listOf(names).flatMap(nameOf));
}

/** Names only, or in old versions of the Graph API objects with a name. */
const nameOf = (field: unknown) => textOf(field) ?? textOf(fieldsOf(field)?.name) ?? [];

/** Graph API: `/app` is the app that an access token was made with. */
async function ownApp(tools: ChannelTools, base: string): Promise<string | undefined> {
	const answer = await tools.call({ method: 'GET', url: `${base}/app`, query: { fields: 'id' } });
	return isOk(answer) ? idOf(fieldsOf(answer.body)?.id) : undefined;
}

async function set(
	tools: ChannelTools,
	id: string,
	fields: string[],
): Promise<ChannelError | undefined> {
	const answer = await tools.call({
		method: 'POST',
		url: `${graphUrlOf(tools.settings)}/${id}/subscribed_apps`,
		query: { subscribed_fields: fields.join(',') },
		repeatable: true,
	});
	if (!isOk(answer)) return graphFailure(answer);
	if (fieldsOf(answer.body)?.success === true) return undefined;
	return new ChannelError(
		'unclear',
		'Meta did not say whether it subscribed the app',
		'Look in the Meta app dashboard whether the webhook fields of the page or account are subscribed.',
	);
}
