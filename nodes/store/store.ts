import { randomUUID } from 'node:crypto';
import { StoreAdministration } from './administration';
import { asIs } from './errors';
import type { EventFilter } from './eventFilter';
import { check, inputs } from './inputs';
import { isTestWorkspace, testWorkspaceOf } from './operation';
import { acceptConversation, type AcceptConversationInput } from './operations/acceptConversation';
import { addComment, type AddCommentInput } from './operations/addComment';
import * as links from './operations/agentLinks';
import {
	agentLinksUrl,
	publishAgentLinks,
	unpublishAgentLinks,
	type LinksTrigger,
} from './operations/agentLinksAddress';
import { workspaceClaimed } from './operations/agentLinksToken';
import * as agents from './operations/agents';
import * as agentViews from './operations/agentViews';
import * as assigning from './operations/assignConversation';
import { setAvailability, type SetAvailabilityInput } from './operations/availability';
import { beginOutbound, type BeginOutboundInput } from './operations/beginOutbound';
import * as categories from './operations/categories';
import { closeConversation, type CloseConversationInput } from './operations/closeConversation';
import {
	declineConversation,
	type DeclineConversationInput,
} from './operations/declineConversation';
import { deleteTeam } from './operations/deleteTeam';
import * as deliveries from './operations/deliveries';
import { enrichContact, type EnrichContactInput } from './operations/enrichContact';
import * as find from './operations/find';
import { finishOutbound, type FinishOutboundInput } from './operations/finishOutbound';
import {
	readLookup,
	writeLookup,
	type ReadLookupInput,
	type WriteLookupInput,
} from './operations/lookups';
import { openConversation, type OpenConversationInput } from './operations/openConversation';
import { nextEvent } from './operations/pastEvents';
import { receiveMessage, type ReceiveMessageInput } from './operations/receiveMessage';
import { receiveNotice, type ReceiveNoticeInput } from './operations/receiveNotice';
import { findRecipient, type FindRecipientInput } from './operations/recipients';
import { routeConversation, type RouteConversationInput } from './operations/routeConversation';
import { routingFacts, type RoutingFactsInput } from './operations/routingFacts';
import * as snoozing from './operations/snoozeConversation';
import * as subscriptions from './operations/subscriptions';
import * as teams from './operations/teams';
import { copyForTest, countOwed, type CopyForTestInput } from './operations/testRuns';
import {
	transferConversation,
	type TransferConversationInput,
} from './operations/transferConversation';
import * as answers from './operations/waits/answers';
import * as groups from './operations/waits/group';
import * as questions from './operations/waits/questions';
import * as resumes from './operations/waits/resumes';
import { dueWork, takeLease } from './operations/work';
import { readStoreId } from './storeId';

/** How often each kind of due work is taken up in one round of the pump. */
const WORK_ROUNDS = 100;

/**
 * The whole interface of the store, bound to one workspace. Each method is one transaction: it has
 * happened entirely when the promise resolves, and not at all when it rejects with a StoreError.
 */
export class ConversationStore extends StoreAdministration {
	/** This process, in leases. */
	readonly owner = `${process.pid}-${randomUUID()}`;
	private tests: ConversationStore | undefined;

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
		return await this.run(async ({ tx }) => await readStoreId(tx), undefined);
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

	/** What another system answered about the contact of a conversation. */
	async readLookup(input: ReadLookupInput) {
		return await this.runFor(input.conversationId, readLookup, input);
	}

	async writeLookup(input: WriteLookupInput) {
		check(inputs.lookup, input);
		return await this.runFor(input.conversationId, writeLookup, input);
	}

	async routeConversation(input: RouteConversationInput) {
		return await this.runFor(input.conversationId, routeConversation, input);
	}

	async routingFacts(input: RoutingFactsInput) {
		return await this.runFor(input.conversationId, routingFacts, input);
	}

	async assignConversation(input: assigning.AssignConversationInput) {
		check(inputs.assign, input);
		return await this.runFor(input.conversationId, assigning.assignConversation, input);
	}

	async unassignConversation(input: assigning.UnassignConversationInput) {
		return await this.runFor(input.conversationId, assigning.unassignConversation, input);
	}

	async transferConversation(input: TransferConversationInput) {
		check(inputs.transfer, input);
		return await this.runFor(input.conversationId, transferConversation, input);
	}

	/** An agent takes on what it was given. */
	async acceptConversation(input: AcceptConversationInput) {
		check(inputs.answerOfAgent, input);
		return await this.runFor(input.conversationId, acceptConversation, input);
	}

	/** An agent gives back what it was given. */
	async declineConversation(input: DeclineConversationInput) {
		check(inputs.answerOfAgent, input);
		return await this.runFor(input.conversationId, declineConversation, input);
	}

	async snoozeConversation(input: snoozing.SnoozeConversationInput) {
		check(inputs.snooze, input);
		return await this.runFor(input.conversationId, snoozing.snoozeConversation, input);
	}

	async wakeConversation(input: Omit<snoozing.SnoozeConversationInput, 'until'>) {
		return await this.runFor(input.conversationId, snoozing.wakeConversation, input);
	}

	/** What a channel tells besides messages. */
	async receiveNotice(input: ReceiveNoticeInput) {
		return await this.run(receiveNotice, input);
	}

	async findRecipient(input: FindRecipientInput) {
		return await this.runFor(input.conversationId, findRecipient, input);
	}

	async beginOutbound(input: BeginOutboundInput) {
		return await this.runFor(input.conversationId, beginOutbound, input);
	}

	async finishOutbound(input: FinishOutboundInput) {
		return await this.runFor(input.conversationId, finishOutbound, input);
	}

	async openQuestion(input: questions.OpenQuestionInput) {
		return await this.runFor(input.conversationId, questions.openQuestion, input);
	}

	async questionAsked(input: {
		conversationId: string;
		waitId: string;
		waitFor: number;
		time: number;
	}) {
		return await this.runFor(input.conversationId, questions.questionAsked, input);
	}

	async describeRun(input: {
		conversationId: string;
		waitId: string;
		run: Record<string, unknown>;
	}) {
		return await this.runFor(input.conversationId, groups.describeRun, input);
	}

	async dropQuestion(input: { conversationId: string; waitId: string }) {
		return await this.runFor(input.conversationId, questions.dropQuestion, input);
	}

	async readWaitGroup(input: { groupId: string; executionId: string; nodeId: string }) {
		return await this.run(groups.readWaitGroup, input);
	}

	async dropWaitGroup(input: { groupId: string }) {
		return await this.run(groups.dropWaitGroup, input);
	}

	async judgeQuestion(input: answers.JudgeQuestionInput) {
		return await this.runFor(input.conversationId, answers.judgeQuestion, input);
	}

	async claimResumes(input: { limit: number; except?: string[] }) {
		return await this.run(resumes.claimResumes, input);
	}

	async finishResume(input: { groupId: string; lease: number; answer: resumes.ResumeAnswer }) {
		return await this.run(resumes.finishResume, input);
	}

	async addComment(input: AddCommentInput) {
		check(inputs.comment, input);
		return await this.runFor(input.conversationId, addComment, input);
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

	async nextEvent(input: { filter: EventFilter; since: number }) {
		return await this.run(nextEvent, input);
	}

	/** Says what a link for an agent would do. */
	async describeAgentLink(token: string) {
		return await this.ofLink(token).run(links.describeAgentLink, { token });
	}

	/** Does what a link for an agent says; however often it is asked, once. */
	async useAgentLink(token: string): Promise<links.LinkResult> {
		try {
			return await this.ofLink(token).run(links.useAgentLink, { token });
		} catch (error) {
			const state = links.stateOfFailure(error);
			if (state === undefined) throw asIs(error);
			return { ...(await this.describeAgentLink(token)), state };
		}
	}

	/** In the workspace that the link names, if it is one of this store's two: it is checked there. */
	private ofLink(token: string): ConversationStore {
		const tests = this.forTests();
		return workspaceClaimed(token) === tests.workspace ? tests : this;
	}

	async publishAgentLinks(input: LinksTrigger & { url: string }) {
		check(inputs.linksAddress, input);
		return await this.runReal(publishAgentLinks, input);
	}

	async unpublishAgentLinks(input: LinksTrigger) {
		return await this.runReal(unpublishAgentLinks, input);
	}

	/** Where the links of agents lead; null while no Agent Links trigger is published. */
	async agentLinksUrl() {
		return await this.run(agentLinksUrl, undefined);
	}

	async upsertAgent(input: agents.UpsertAgentInput) {
		check(inputs.agent, input);
		return await this.runReal(agents.upsertAgent, input);
	}

	async setAvailability(input: SetAvailabilityInput) {
		check(inputs.availability, input);
		return await this.runReal(setAvailability, input);
	}

	async deleteAgent(input: { key: string; source: string; actor?: string }) {
		return await this.runReal(agents.deleteAgent, input);
	}

	async getAgent(key: string) {
		return await this.run(agentViews.getAgent, key);
	}

	async listAgents(input: agentViews.ListAgentsInput) {
		return await this.run(agentViews.listAgents, input);
	}

	async upsertTeam(input: teams.UpsertTeamInput) {
		check(inputs.team, input);
		return await this.runReal(teams.upsertTeam, input);
	}

	async deleteTeam(input: { key: string; moveTo?: string; source?: string; actor?: string }) {
		return await this.runReal(deleteTeam, input);
	}

	async getTeam(key: string) {
		return await this.run(teams.getTeam, key);
	}

	async listTeams(input: { search?: string; limit: number; offset: number }) {
		return await this.run(teams.listTeams, input);
	}

	/** By key; for the store itself, which decides by them, and for whoever wants to know as much. */
	async teamStates(keys: string[] | 'all') {
		return await this.run(teams.teamStates, keys);
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

	async isSubscribed(id: string) {
		return await this.run(subscriptions.isSubscribed, id);
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

	async takeLease(input: { name: string; duration: number }) {
		return await this.run(takeLease, { ...input, owner: this.owner });
	}

	/**
	 * Does what is due and belongs to no node. What fails keeps nothing else from being done.
	 *
	 * @returns how much was done
	 * @throws the first failure, once all else is done
	 */
	async doDueWork(): Promise<number> {
		let done = 0;
		const failures: unknown[] = [];
		for (const work of dueWork) {
			try {
				// The rest, should there be so much, is done in the next round: others want to work, too.
				for (let round = 0; round < WORK_ROUNDS; round++) {
					const count = await this.run(work, undefined);
					done += count;
					if (count === 0) break;
				}
			} catch (error) {
				failures.push(error);
			}
		}
		if (failures.length > 0) throw failures[0];
		return done;
	}
}
