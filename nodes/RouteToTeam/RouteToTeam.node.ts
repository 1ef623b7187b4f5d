import {
	NodeConnectionTypes,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import type { CustomOutcome } from '../decisions/contracts';
import { decideRoute } from '../decisions/routing';
import { recordedFacts } from '../decisions/routingRecord';
import { icon, NODE_VERSION } from '../descriptions/common';
import { conversationIdOf, itemParts, messageOf } from '../runtime/conversationOfItem';
import { forEachItem } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';
import { customConditions, filledConditions, judge } from './custom';
import { factsOf } from './facts';
import { hints } from './hints';
import {
	outputFor,
	OUTPUTS,
	teamsWithOutput,
	unroutedOutput,
	type OutputParameters,
} from './outputs';
import { parameters } from './parameters';
import { refuseRulesWithoutTeam, refuseUnusable } from './problems';
import { readPolicy, teamsOf, type OptionsForm, type PolicyForm } from './rules';

const KEPT_HINT =
	"The conversation keeps its agent, whom a person chose. The option 'Take It Off an Agent a Person Chose' changes that.";

/** Decides which team is responsible. The decision travels with the conversation. */
export class RouteToTeam implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Route to Team',
		name: 'routeToTeam',
		icon: icon('routeToTeam'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle: '={{ ($parameter["rules"].values || []).length + " rules" }}',
		description: 'Decide which team a conversation goes to',
		defaults: { name: 'Route to Team' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: OUTPUTS,
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		hints,
		properties: parameters,
	};

	methods = storeMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		// As they are saved: outputs are there before any expression has a value.
		const saved = this.getNode().parameters as OutputParameters & PolicyForm;
		const teams = teamsWithOutput(saved);
		const how = {
			outputs: teams === null ? 2 : teams.length + 2,
			failedOutput: unroutedOutput(teams),
		};
		return await forEachItem(
			this,
			async (item, index, store) => {
				const { id, hint } = await conversationIdOf(this, store, item, index);
				const form = formOf(this, index);
				const { options = {} } = form;
				const policy = readPolicy(form);
				refuseRulesWithoutTeam(policy);
				const known = await store.routingFacts({
					conversationId: id,
					teams: teamsOf(policy),
					online: policy.overflow === 'whenClosedOrNobodyOnline',
					lastTeam: policy.sticky !== null,
				});
				const facts = factsOf(
					{ ...known.item, message: messageOf(known.item, item) },
					{
						teams: known.teams,
						lastTeam: known.lastTeam,
						at: store.clock(),
						custom: outcomes(form, saved),
					},
				);
				const decision = decideRoute(policy, facts);
				await refuseUnusable(decision, policy, facts, store);
				const after = options.dryRun
					? { ...known.item, keptAssignee: false }
					: await store.routeConversation({
							conversationId: known.item.conversation.id,
							decision,
							facts: recordedFacts(facts),
							overridesPeople: options.overridesPeople === true,
							source: 'workflow',
						});
				const route = { ...decision, dryRun: options.dryRun === true } as unknown as IDataObject;
				const hinted = hint ?? (after.keptAssignee ? KEPT_HINT : undefined);
				return {
					json: { ...itemParts(after, item), route },
					output: outputFor(decision.team, teams),
					...(hinted ? { hint: hinted } : {}),
				};
			},
			how,
		);
	}
}

interface NodeForm extends PolicyForm {
	options?: OptionsForm & { dryRun?: boolean; overridesPeople?: boolean };
}

function formOf(context: IExecuteFunctions, index: number): NodeForm {
	const fallback = context.getNodeParameter('fallbackTeam', index, '', { extractValue: true });
	return {
		rules: { values: context.getNodeParameter('rules.values', index, []) as never },
		fallbackTeam: String(fallback ?? ''),
		options: context.getNodeParameter('options', index, {}) as never,
	};
}

/** Of every custom condition that is filled in as it is saved, judged by what its expressions say now. */
function outcomes(form: PolicyForm, saved: PolicyForm): Record<string, CustomOutcome> {
	const now = new Map(customConditions(form).map(({ key, filter }) => [key, filter]));
	return Object.fromEntries(
		filledConditions(saved).map(({ key }) => [key, judge(now.get(key) ?? {}, form.options ?? {})]),
	);
}
