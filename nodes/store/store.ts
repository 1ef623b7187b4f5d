import { randomUUID } from 'node:crypto';
import type { Selectable } from '../vendor';
import { systemClock, type Clock } from './clock';
import type { Backups, Engine, WakeTopic } from './engine';
import { conversationNotFound, storeError } from './errors';
import { idSource } from './ids';
import { check, inputs } from './inputs';
import {
	isTestWorkspace,
	realWorkspaceOf,
	RETURN_WINDOW,
	testWorkspaceOf,
	type Operation,
} from './operation';
import * as agents from './operations/agents';
import * as assigning from './operations/assignConversation';
import * as categories from './operations/categories';
import { checkHealth } from './operations/checkHealth';
import { closeConversation, type CloseConversationInput } from './operations/closeConversation';
import * as deliveries from './operations/deliveries';
import * as administration from './operations/deliveryAdministration';
import { enrichContact, type EnrichContactInput } from './operations/enrichContact';
import * as erasing from './operations/eraseContact';
import * as find from './operations/find';
import { openConversation, type OpenConversationInput } from './operations/openConversation';
import { receiveMessage, type ReceiveMessageInput } from './operations/receiveMessage';
import * as retention from './operations/retention';
import { routeConversation, type RouteConversationInput } from './operations/routeConversation';
import * as subscriptions from './operations/subscriptions';
import * as teams from './operations/teams';
import { copyForTest, countOwed, type CopyForTestInput } from './operations/testRuns';
import { dueWork, takeLease } from './operations/work';
import type { SubscriptionTable } from './schema';
import { ExportFile } from './transfer/exportFile';
import { exportRows, recordExport } from './transfer/exportWorkspace';
import type { Counts } from './transfer/format';
import { importWorkspace } from './transfer/importWorkspace';

/** How often each kind of due work is taken up in one round of the pump. */
const WORK_ROUNDS = 100;

type Run<I, O> = (operation: Operation, input: I) => Promise<O>;

/**
 * The whole interface of the store, bound to one workspace. Each method is one transaction: it has
 * happened entirely when the promise resolves, and not at all when it rejects with a StoreError.
 */
export class ConversationStore {
	/** This process, in leases. */
	readonly owner = `${process.pid}-${randomUUID()}`;
	private readonly newId: () => string;
	private tests: ConversationStore | undefined;

	constructor(
		readonly engine: Engine,
		readonly workspace: string,
		readonly clock: Clock = systemClock,
	) {
		this.newId = idSource(clock);
	}

	/**
	 * The same store, in the workspace that test runs work in. Always the same object: what it has
	 * claimed, it must be able to renew.
	 */
	forTests(): ConversationStore {
		if (isTestWorkspace(this.workspace)) return this;
		this.tests ??= new ConversationStore(this.engine, testWorkspaceOf(this.workspace), this.clock);
		return this.tests;
	}

	/** Renewed by restore and import; part of every deduplication key. */
	async storeId(): Promise<string> {
		return await this.run(find.storeId, undefined);
	}

	async receiveMessage(input: ReceiveMessageInput) {
		check(inputs.receive, input);
		return await this.run(receiveMessage, input);
	}

	async openConversation(input: OpenConversationInput) {
		check(inputs.open, input);
		return await this.run(openConversation, input);
	}

	async enrichContact(input: EnrichContactInput) {
		check(inputs.enrich, input);
		return input.conversationId === null
			? await this.run(enrichContact, input)
			: await this.runFor(input.conversationId, enrichContact, input);
	}

	async routeConversation(input: RouteConversationInput) {
		return await this.runFor(input.conversationId, routeConversation, input);
	}

	async assignConversation(input: assigning.AssignConversationInput) {
		return await this.runFor(input.conversationId, assigning.assignConversation, input);
	}

	async unassignConversation(input: assigning.UnassignConversationInput) {
		return await this.runFor(input.conversationId, assigning.unassignConversation, input);
	}

	async closeConversation(input: CloseConversationInput) {
		check(inputs.close, input);
		return await this.runFor(input.conversationId, closeConversation, input);
	}

	async getConversation(conversationId: string) {
		return await this.runFor(conversationId, find.getConversation, { conversationId });
	}

	async conversationHistory(conversationId: string) {
		return await this.runFor(conversationId, find.conversationHistory, { conversationId });
	}

	async getOpenConversation(contact: string) {
		return await this.run(find.getOpenConversation, { contact });
	}

	async findContact(who: string) {
		return await this.run(find.findContact, who);
	}

	async listConversations(input: find.ListConversationsInput) {
		return await this.run(find.listConversations, input);
	}

	async countEverything() {
		return await this.run(find.countEverything, undefined);
	}

	async nextEvent(input: { types: string[]; since: number }) {
		return await this.run(find.nextEvent, input);
	}

	async upsertAgent(input: agents.UpsertAgentInput) {
		check(inputs.agent, input);
		return await this.runReal(agents.upsertAgent, input);
	}

	async setAvailability(input: agents.SetAvailabilityInput) {
		check(inputs.availability, input);
		return await this.runReal(agents.setAvailability, input);
	}

	async deleteAgent(input: { key: string; source: string; actor?: string }) {
		return await this.runReal(agents.deleteAgent, input);
	}

	async getAgent(key: string) {
		return await this.run(agents.getAgent, key);
	}

	async listAgents(input: agents.ListAgentsInput) {
		return await this.run(agents.listAgents, input);
	}

	async upsertTeam(input: { key: string; name?: string }) {
		check(inputs.team, input);
		return await this.runReal(teams.upsertTeam, input);
	}

	async deleteTeam(input: { key: string; moveTo?: string; source?: string; actor?: string }) {
		return await this.runReal(teams.deleteTeam, input);
	}

	async getTeam(key: string) {
		return await this.run(teams.getTeam, key);
	}

	async listTeams(input: { search?: string; limit: number; offset: number }) {
		return await this.run(teams.listTeams, input);
	}

	async upsertCategory(input: categories.CategoryView) {
		check(inputs.category, input);
		return await this.runReal(categories.upsertCategory, input);
	}

	async deleteCategory(input: { name: string }) {
		return await this.runReal(categories.deleteCategory, input);
	}

	async listCategories() {
		return await this.run(categories.listCategories, undefined);
	}

	async copyForTest(input: CopyForTestInput) {
		return await this.run(copyForTest, input);
	}

	async countOwed(subscriptionId: string) {
		return await this.run(countOwed, subscriptionId);
	}

	async subscribe(input: subscriptions.SubscriberInput) {
		return await this.run(subscriptions.subscribe, input);
	}

	async renewSubscription(id: string) {
		return await this.run(subscriptions.renewSubscription, id);
	}

	async endSubscription(id: string) {
		return await this.run(subscriptions.endSubscription, id);
	}

	async claimDeliveries(input: { subscriptionId: string; limit: number; unseenRunLimit?: number }) {
		return await this.run(deliveries.claimDeliveries, { ...input, owner: this.owner });
	}

	async renewDeliveries(ids: string[]) {
		return await this.run(deliveries.renewDeliveries, { ids, owner: this.owner });
	}

	async finishDelivery(input: {
		id: string;
		outcome: deliveries.DeliveryOutcome;
		unseenRunLimit?: number;
	}) {
		return await this.run(deliveries.finishDelivery, input);
	}

	async claimExecution(input: { deliveryId: string; executionId: string; free: boolean }) {
		return await this.run(deliveries.claimExecution, input);
	}

	async listDeliveries(input: administration.ListDeliveriesInput) {
		return await this.run(administration.listDeliveries, input);
	}

	async retryDelivery(input: {
		id: string;
		evenIfClosed: boolean;
		source: string;
		actor?: string;
	}): Promise<void> {
		await this.run(administration.retryDelivery, input);
	}

	async skipDelivery(input: { id: string; source: string; actor?: string }): Promise<void> {
		await this.run(administration.skipDelivery, input);
	}

	/** In transactions of at most 500 deliveries: what is done so far stays when one fails. */
	async retryDeliveries(
		input: administration.DeliverySelection & {
			evenIfClosed: boolean;
			source: string;
			actor?: string;
		},
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
		input: administration.DeliverySelection & { source: string; actor?: string },
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

	async takeLease(input: { name: string; duration: number }) {
		return await this.run(takeLease, { ...input, owner: this.owner });
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

	/** Does what is due and belongs to no node. @returns how much was done */
	async doDueWork(): Promise<number> {
		let done = 0;
		for (const work of dueWork) {
			// The rest, should there be so much, is done in the next round: others want to work, too.
			for (let round = 0; round < WORK_ROUNDS; round++) {
				const count = await this.run(work, undefined);
				done += count;
				if (count === 0) break;
			}
		}
		return done;
	}

	private async run<I, O>(operation: Run<I, O>, input: I): Promise<O> {
		return await this.within(this.workspace, operation, input);
	}

	/** For long reads: one moment of the store, while others write. Locks nothing and must not write. */
	private async read<I, O>(operation: Run<I, O>, input: I): Promise<O> {
		return await this.engine.snapshot(async (tx) => {
			const reading = this.operation(tx, this.workspace, new Set());
			return await operation({ ...reading, rowLocks: false }, input);
		});
	}

	/** Teams, agents and categories are one set: who changes them in a test run changes the real ones. */
	private async runReal<I, O>(operation: Run<I, O>, input: I): Promise<O> {
		return await this.within(realWorkspaceOf(this.workspace), operation, input);
	}

	/** In the workspace of this conversation: the store's own, or its test workspace. */
	private async runFor<I, O>(id: string, operation: Run<I, O>, input: I): Promise<O> {
		return await this.within(
			async (tx) => {
				const row = await tx
					.selectFrom('conversations')
					.select('workspace')
					.where('id', '=', id)
					.executeTakeFirst();
				const mine = [this.workspace, testWorkspaceOf(this.workspace)];
				if (!row || !mine.includes(row.workspace)) throw conversationNotFound(id);
				return row.workspace;
			},
			operation,
			input,
		);
	}

	private async within<I, O>(
		workspace: string | ((tx: Operation['tx']) => Promise<string>),
		run: Run<I, O>,
		input: I,
	): Promise<O> {
		const topics = new Set<WakeTopic>();
		const result = await this.engine.transaction(async (tx) => {
			topics.clear();
			const here = typeof workspace === 'string' ? workspace : await workspace(tx);
			return await run(this.operation(tx, here, topics), input);
		});
		for (const topic of topics) this.engine.wake(topic);
		return result;
	}

	private operation(tx: Operation['tx'], workspace: string, topics: Set<WakeTopic>): Operation {
		const now = this.clock();
		let subscribed: Promise<Array<Selectable<SubscriptionTable>>> | undefined;
		return {
			tx,
			now,
			workspace,
			rowLocks: this.engine.rowLocks,
			newId: this.newId,
			wake: (topic) => topics.add(topic),
			holdNames: async (names, shared) => await this.engine.holdNames(tx, names, shared),
			held: { pools: undefined, agents: new Set() },
			subscriptions: async () => {
				subscribed ??= tx
					.selectFrom('subscriptions')
					.selectAll()
					.where('workspace', '=', workspace)
					.where((eb) =>
						eb.or([eb('ended_at', 'is', null), eb('ended_at', '>', now - RETURN_WINDOW)]),
					)
					.execute();
				return await subscribed;
			},
		};
	}
}
