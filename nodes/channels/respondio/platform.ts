import { isChannelError } from '../errors';
import { present } from '../fields';
import type { ChannelTools } from '../http';
import type { Platform, PlatformNews, PlatformPlace, TellOutcome } from '../platform';
import { ask, contactUrl } from './api';

export const platform: Platform = {
	handle: 'respondio',
	tell,
	// "5 requests per second" for each kind of call.
	pause: 200,
};

/** Developer API: "Assign or unassign a conversation", "Open or close conversation", "Create a comment". */
async function tell(
	news: PlatformNews,
	{ to }: PlatformPlace,
	tools: ChannelTools,
): Promise<TellOutcome> {
	const contact = contactUrl(tools, to);
	const assign = (assignee: number | string | null) =>
		post(tools, `${contact}/conversation/assignee`, { assignee });
	switch (news.type) {
		case 'assigned': {
			const { id, name } = news.agent;
			if (id === null) return skipped(`The agent ${name} has no respond.io ID`);
			await assign(/^\d+$/.test(id) ? Number(id) : id);
			return DONE;
		}
		case 'unassigned':
			await assign(null);
			return DONE;
		case 'routed':
			return skipped('respond.io has no way to give a conversation to a team from outside');
		case 'closed':
			await close(news, `${contact}/conversation/status`, tools);
			return DONE;
		case 'reopened':
			await post(tools, `${contact}/conversation/status`, { status: 'open' });
			return DONE;
		case 'commented':
			// There is no list of comments, so one whose fate is unclear is not written again.
			await ask(
				tools,
				{ method: 'POST', url: `${contact}/comment`, json: { text: news.text } },
				{ written: [news.text], once: true },
			);
			return DONE;
	}
}

const DONE: TellOutcome = { done: true };

const skipped = (why: string): TellOutcome => ({ done: false, skipped: `${why}.` });

/**
 * The category must be one of the workspace's closing notes. To be closed matters more: where the
 * category is not taken, it becomes a part of the summary.
 */
async function close(
	{ category, summary }: PlatformNews & { type: 'closed' },
	url: string,
	tools: ChannelTools,
): Promise<void> {
	const json = { status: 'close', category: category ?? undefined, summary: summary ?? undefined };
	try {
		await post(tools, url, present(json));
	} catch (error) {
		if (category === null || !isChannelError(error) || error.failure !== 'rejected') {
			throw error as Error;
		}
		const words = [category, summary].filter((part) => part !== null).join(': ');
		await post(tools, url, { status: 'close', summary: words });
	}
}

async function post(tools: ChannelTools, url: string, json: object): Promise<void> {
	// What is asked for is a state.
	await ask(tools, { method: 'POST', url, json, repeatable: true });
}
