import type { Resume, ResumeAnswer } from './operations/waits/resumes';
import { resumeAddresses } from './resumeAddresses';
import type { ConversationStore } from './store';

/** Executions that are told at a time. */
const AT_A_TIME = 10;

/** How long an address has to answer: two of them take less than the claim holds. Milliseconds. */
const TIMEOUT = 25_000;

/** Makes one POST and gives its status and body; rejects when there was no answer. */
export type PostResume = (
	url: string,
	body: { wait: string },
) => Promise<{ status: number; body: string }>;

const post: PostResume = async (url, body) => {
	const answer = await fetch(url, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify(body),
		redirect: 'manual',
		signal: AbortSignal.timeout(TIMEOUT),
	});
	return { status: answer.status, body: await answer.text() };
};

/**
 * Tells executions that wait that something came in for them, or that their wait is over. The call
 * says which wait it is for and nothing else: the node looks in the store for what happened.
 */
export class Resuming {
	/** Groups that are being told. */
	private readonly inFlight = new Set<string>();
	private stopped = false;
	/** A claim that is under way, and whether another was asked for meanwhile. */
	private claiming: Promise<void> | undefined;
	private again = false;

	constructor(
		private readonly store: ConversationStore,
		private readonly onFailure: (error: unknown) => void,
		private readonly send: PostResume = post,
	) {}

	/** Takes up what is due, without waiting for the answers. One claim at a time: it has to know what is in flight. */
	async start(): Promise<void> {
		if (this.claiming) {
			this.again = true;
			return await this.claiming;
		}
		this.claiming = this.claim().finally(() => (this.claiming = undefined));
		await this.claiming;
	}

	private async claim(): Promise<void> {
		do {
			this.again = false;
			const limit = AT_A_TIME - this.inFlight.size;
			if (this.stopped || limit <= 0) return;
			const except = [...this.inFlight];
			for (const resume of await this.store.claimResumes({ limit, except })) {
				void this.tell(resume);
			}
		} while (this.again);
	}

	stop(): void {
		this.stopped = true;
	}

	private async tell({ groupId, url, lease }: Resume): Promise<void> {
		this.inFlight.add(groupId);
		try {
			const answer = await this.ask(url, groupId);
			await this.store.finishResume({ groupId, lease, answer });
		} catch (error) {
			this.onFailure(error);
		} finally {
			this.inFlight.delete(groupId);
		}
		// There may be more of them than were taken.
		await this.start().catch(this.onFailure);
	}

	private async ask(url: string, groupId: string): Promise<ResumeAnswer> {
		let found: ResumeAnswer = 'unknown';
		for (const address of resumeAddresses(url)) {
			// The failure itself is not told: it names the address, and that holds a token.
			const answer = await this.send(address, { wait: groupId }).catch(() => undefined);
			if (answer === undefined) continue;
			const meaning = meaningOf(answer);
			if (meaning === 'heard' || meaning === 'running' || isOurs(answer)) return meaning;
			// Two n8n may share a store: it may be gone here and wait there, so the next one is asked, too.
			if (meaning === 'gone') found = meaning;
		}
		return found;
	}
}

/** The node was reached and has to be called again; by another way it would say the same. */
const isOurs = ({ status, body }: { status: number; body: string }) =>
	status === 503 && /"waiting":\s*true/.test(body);

/**
 * What n8n 2.40 answers, by its `waiting-webhooks.js`: 409 while an execution runs or once it is over,
 * its own 404 when it does not exist or waits for something else. Any other 404 comes from something
 * in between.
 */
export function meaningOf({ status, body }: { status: number; body: string }): ResumeAnswer {
	if (status >= 200 && status < 300) return 'heard';
	if (status === 409) return /running already/.test(body) ? 'running' : 'gone';
	if (status === 404 && /does not exist|does not contain a waiting webhook/.test(body))
		return 'gone';
	// The token is that of another execution under this number: a database that was set back.
	if (status === 401 && /Invalid token/.test(body)) return 'gone';
	return 'unknown';
}
