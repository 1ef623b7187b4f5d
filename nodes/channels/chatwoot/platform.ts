import { fieldsOf, idOf, listOf, textOf } from '../fields';
import type { ChannelTools } from '../http';
import type { Platform, PlatformNews, PlatformPlace, TellOutcome } from '../platform';
import { ask, conversationUrl } from './api';
import { directionOf } from './message';

export const platform: Platform = {
	handle: 'chatwoot',
	tell,
};

/** Application API: "Assign conversation", "Toggle status", "Create new message" (private). */
async function tell(
	news: PlatformNews,
	place: PlatformPlace,
	tools: ChannelTools,
): Promise<TellOutcome> {
	const there = new Conversation(place, tools);
	switch (news.type) {
		case 'assigned': {
			const { id, name } = news.agent;
			if (id === null) return skipped(`The agent ${name} has no Chatwoot ID`);
			if (!isNumber(id)) return skipped(`The Chatwoot ID of the agent ${name} is no number`);
			return (await there.assign({ assignee_id: Number(id) })) === id
				? DONE
				: skipped(`Chatwoot has no agent with the ID ${id} in this account`);
		}
		case 'unassigned':
			// Nobody has the ID 0: Chatwoot's own screens take an agent away like this.
			await there.assign({ assignee_id: 0 });
			return DONE;
		case 'routed': {
			const { id, name } = news.team;
			if (id === null) return skipped(`The team ${name} has no Chatwoot ID`);
			if (!isNumber(id)) return skipped(`The Chatwoot ID of the team ${name} is no number`);
			return (await there.assign({ team_id: Number(id) })) === id
				? DONE
				: skipped(`Chatwoot has no team with the ID ${id} in this account`);
		}
		case 'closed': {
			// A conversation has no field for it in Chatwoot. The note comes first, so that it is not
			// missing when the call after it fails and everything is told again.
			const note = [news.category, news.summary].filter((part) => part !== null).join('\n\n');
			if (note.trim() !== '') await there.note(note);
			await there.toggle('resolved');
			return DONE;
		}
		case 'reopened':
			await there.toggle('open');
			return DONE;
		case 'commented':
			await there.note(news.text);
			return DONE;
	}
}

/** JSON has no other kind: as `null`, what is none would take the conversation from everybody. */
const isNumber = (id: string) => /^\d+$/.test(id);

const DONE: TellOutcome = { done: true };

const skipped = (why: string): TellOutcome => ({ done: false, skipped: `${why}.` });

class Conversation {
	private readonly url: string;

	constructor(
		place: PlatformPlace,
		private readonly tools: ChannelTools,
	) {
		this.url = conversationUrl(tools, place);
	}

	/** The ID of whoever has it now; an unknown ID takes the conversation from everybody. */
	async assign(json: { assignee_id: number } | { team_id: number }): Promise<string | undefined> {
		const { body } = await this.post('assignments', json);
		return idOf(fieldsOf(body)?.id);
	}

	async toggle(status: 'open' | 'resolved'): Promise<void> {
		await this.post('toggle_status', { status });
	}

	/** Written once: told again, the same note is found since the contact last wrote. */
	async note(content: string): Promise<void> {
		if (await this.hasNote(content)) return;
		await ask(
			this.tools,
			{
				method: 'POST',
				url: `${this.url}/messages`,
				json: { content, message_type: 'outgoing', private: true },
			},
			{ written: [content], once: true },
		);
	}

	private async hasNote(content: string): Promise<boolean> {
		const { body } = await ask(this.tools, { method: 'GET', url: `${this.url}/messages` });
		// The oldest comes first.
		const messages = listOf(fieldsOf(body)?.payload)
			.map(fieldsOf)
			.filter((message) => message !== undefined);
		const written = messages.findLastIndex((message) => directionOf(message) === 'incoming');
		return messages
			.slice(written + 1)
			.some((message) => message.private === true && textOf(message.content) === content.trim());
	}

	private async post(path: string, json: unknown) {
		return await ask(this.tools, {
			method: 'POST',
			url: `${this.url}/${path}`,
			json,
			// What is asked for is a state.
			repeatable: true,
		});
	}
}
