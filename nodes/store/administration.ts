import { setImmediate as breathe } from 'node:timers/promises';
import type { Arrival } from '../decisions/assignmentReplayQueue';
import type { Backups } from './engine';
import { storeError } from './errors';
import { check, inputs } from './inputs';
import { realWorkspaceOf } from './operation';
import { pastArrivals, readRoster, type PastArrivalsInput } from './operations/assignmentHistory';
import { checkHealth } from './operations/checkHealth';
import * as administration from './operations/deliveryAdministration';
import * as erasing from './operations/eraseContact';
import {
	pastConversations,
	type PagePlace,
	type PastConversation,
	type PastConversationsInput,
} from './operations/replayRouting';
import {
	reportedEvents,
	type ReportedEvent,
	type ReportedType,
	type ReportPeriod,
} from './operations/reportedEvents';
import * as retention from './operations/retention';
import { OperationRunner } from './runner';
import { ExportFile } from './transfer/exportFile';
import { exportRows, recordExport } from './transfer/exportWorkspace';
import type { Counts } from './transfer/format';
import { importWorkspace } from './transfer/importWorkspace';

/** Conversations of one page of the past; each page is a short transaction. */
const PAST_AT_ONCE = 100;

/** Events of one page of a report. */
const EVENTS_AT_ONCE = 500;

/** What whoever runs a store does with it: look after it, take it along, let it forget. */
export abstract class StoreAdministration extends OperationRunner {
	/** The same store, in the workspace of test runs. */
	abstract forTests(): StoreAdministration;

	async listDeliveries(input: administration.ListDeliveriesInput) {
		return await this.run(administration.listDeliveries, input);
	}

	async retryDelivery(input: administration.RetryOptions & { id: string }): Promise<void> {
		await this.run(administration.retryDelivery, input);
	}

	async skipDelivery(input: administration.Administered & { id: string }): Promise<void> {
		await this.run(administration.skipDelivery, input);
	}

	/** In transactions of at most 500 deliveries: what is done so far stays when one fails. */
	async retryDeliveries(
		input: administration.DeliverySelection & administration.RetryOptions,
	): Promise<administration.Retried> {
		const total = { retried: 0, triggerGone: 0, conversationClosed: 0 };
		for (let after: string | null = ''; after !== null;) {
			const batch: administration.Batch<administration.Retried> = await this.run(
				administration.retryBatch,
				{ ...input, after },
			);
			total.retried += batch.retried;
			total.triggerGone += batch.triggerGone;
			total.conversationClosed += batch.conversationClosed;
			after = batch.next;
		}
		return total;
	}

	/** In transactions of at most 500 deliveries: what is done so far stays when one fails. */
	async skipDeliveries(
		input: administration.DeliverySelection & administration.Administered,
	): Promise<administration.Skipped> {
		let skipped = 0;
		for (let after: string | null = ''; after !== null;) {
			const batch: administration.Batch<administration.Skipped> = await this.run(
				administration.skipBatch,
				{ ...input, after },
			);
			skipped += batch.skipped;
			after = batch.next;
		}
		return { skipped };
	}

	/** Writes nothing; sees one moment of the store while others write. */
	async checkHealth() {
		const { name, place, warnings = [] } = this.engine;
		const description = await this.engine.describe();
		return await this.read(checkHealth, { name, place, warnings, description });
	}

	/**
	 * Copies the whole store, all workspaces, while it is in use.
	 *
	 * @throws StoreError `InvalidInput` where the engine leaves that to other programs
	 */
	async backUp(input: { keep?: number }) {
		check(inputs.backUp, input);
		return await this.backups().backUp({ ...input, at: this.clock() });
	}

	async listBackups() {
		return await this.backups().list();
	}

	/** Replaces the whole store, all workspaces. @see Backups.restore */
	async restoreBackup(input: { name: string; confirm: string }) {
		return await this.backups().restore({ ...input, at: this.clock() });
	}

	private backups(): Backups {
		const { backups, place } = this.engine;
		if (backups) return backups;
		throw storeError(
			'InvalidInput',
			`The conversation store ${place} is kept by PostgreSQL, which is backed up by its own programs`,
			'Use pg_dump and pg_restore, or the backups that your database provider makes',
		);
	}

	/** Also the copies that test runs made of the contact. @see erasing.eraseContact */
	async eraseContact(input: erasing.EraseContactInput) {
		check(inputs.erase, input);
		const result = await this.run(erasing.eraseContact, input);
		const tests = this.forTests();
		while (await tests.run(erasing.eraseTestCopy, result.key));
		return result;
	}

	async setRetention(input: retention.Retention & { source: string; actor?: string }) {
		check(inputs.retention, input);
		return await this.runReal(retention.setRetention, input);
	}

	async getRetention() {
		return await this.run(retention.getRetention, undefined);
	}

	/** One round of what the pump does until nothing is left. @returns how much it was */
	async applyRetention() {
		return await this.run(retention.applyRetention, undefined);
	}

	/** Conversations that opened in a period with how they were routed, the oldest first, page by page. */
	async *pastConversations(input: PastConversationsInput): AsyncGenerator<PastConversation, void> {
		let after: PagePlace | null = null;
		for (;;) {
			const page: PastConversation[] = await this.read(pastConversations, {
				...input,
				after,
				limit: PAST_AT_ONCE,
			});
			yield* page;
			// An embedded store answers at once: without this, nobody else would have a turn.
			await breathe();
			const last = page.at(-1);
			if (page.length < PAST_AT_ONCE || !last) return;
			after = { openedAt: last.openedAt, id: last.id };
		}
	}

	/** Conversations that opened in a period and asked for an agent, the oldest first, page by page. */
	async *pastArrivals(input: PastArrivalsInput): AsyncGenerator<Arrival, void> {
		for (let after: PagePlace | null = null; ;) {
			const page: Awaited<ReturnType<typeof pastArrivals>> = await this.read(pastArrivals, {
				...input,
				after,
				limit: PAST_AT_ONCE,
			});
			yield* page.arrivals;
			await breathe();
			if (page.last === null) return;
			after = page.last;
		}
	}

	/**
	 * What happened in a period, the oldest first, page by page.
	 */
	async *reportedEvents(
		input: ReportPeriod & { type: ReportedType },
	): AsyncGenerator<ReportedEvent, void> {
		for (let after: string | null = null; ;) {
			const page: ReportedEvent[] = await this.read(reportedEvents, {
				...input,
				after,
				limit: EVENTS_AT_ONCE,
			});
			yield* page.filter(({ at }) => at >= input.from && at < input.before);
			await breathe();
			const last = page.at(-1);
			if (page.length < EVENTS_AT_ONCE || !last) return;
			after = last.id;
		}
	}

	/** Every agent as it is now: for replays and reports. */
	async readRoster() {
		return await this.read(readRoster, undefined);
	}

	/**
	 * The workspace as the text of a file, piece by piece; what test runs left is not in it. Sees one
	 * moment of the store while others write, however slowly it is read. @see transfer/format.ts
	 *
	 * @returns rows by table
	 */
	async *exportWorkspace(input: {
		source: string;
		actor?: string;
	}): AsyncGenerator<string, Counts, void> {
		await this.runReal(recordExport, input);
		return yield* exportRows(this.engine, realWorkspaceOf(this.workspace), this.clock());
	}

	/** Reads such a file, in pieces of any size, into this workspace: all of it, or nothing. */
	async importWorkspace(
		chunks: AsyncIterable<string | Uint8Array>,
		input: { replace: boolean; source: string; actor?: string },
	) {
		const file = await ExportFile.open(chunks);
		try {
			return await this.runReal(importWorkspace, { ...input, file });
		} finally {
			await file.close();
		}
	}
}
