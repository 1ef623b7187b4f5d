import type { IDataObject } from 'n8n-workflow';
import type { ShadowDecision } from '../../decisions/assignmentShadow';
import { ShadowTally } from '../../decisions/assignmentShadowTally';
import type { ReportedEvent, ReportPeriod } from '../../store/operations/reportedEvents';
import type { ConversationStore } from '../../store/store';
import { periodItem, periodOf, periodParameters } from './period';
import { outputParameter, shownFor } from './reportForm';
import { listParameters, type StoreOperation } from './resource';

/** One decision for which a second policy was asked as well. */
interface Compared {
	event: ReportedEvent;
	/** Who got it; null: it was to wait. */
	live: string | null;
	shadow: ShadowDecision;
}

/** What the policy beside the live one would have done. */
export const compareShadow: StoreOperation = {
	name: 'Compare Shadow',
	value: 'compareShadow',
	action: 'Compare the shadow policy with the live one',
	description:
		'How often the second policy that Auto-Assign Agent asks beside would have chosen otherwise, and for which conversations',
	parameters: [
		...periodParameters,
		outputParameter('shadowOutput', [
			{
				name: 'Conversations',
				value: 'conversations',
				description: 'One item for each decision that differs, with both explanations',
			},
			{
				name: 'Summary',
				value: 'summary',
				description: 'One item: how often both agree, and what each agent got and would have',
			},
		]),
		...listParameters.map((each) => shownFor('shadowOutput', 'conversations', each)),
	],
	async run(call) {
		const period = periodOf(call);
		const names = new Map((await call.store.readRoster()).map(({ key, name }) => [key, name]));
		if (call.text('shadowOutput') === 'conversations') {
			const most = call.flag('returnAll') ? Infinity : call.number('limit');
			const items: IDataObject[] = [];
			for await (const each of comparisons(call.store, period)) {
				if (items.length >= most) break;
				if (!each.shadow.agrees) items.push(differenceItem(each, names));
			}
			return items;
		}
		const tally = new ShadowTally();
		for await (const each of comparisons(call.store, period)) tally.add(each);
		const { agents, ...summary } = tally.summary();
		return {
			...periodItem(period),
			...summary,
			agents: agents.map((agent) => ({ ...agent, name: names.get(agent.key) ?? agent.key })),
		};
	},
};

function differenceItem(
	{ event, live, shadow }: Compared,
	names: Map<string, string>,
): IDataObject {
	const named = (key: string | null) => key && { key, name: names.get(key) ?? key };
	return {
		conversationId: event.conversationId,
		at: new Date(event.at).toISOString(),
		team: (event.data.team ?? null) as string | null,
		live: { agent: named(live), explanation: String(event.data.reason ?? '') },
		shadow: {
			strategy: shadow.strategy,
			agent: named(shadow.chosen?.key ?? null),
			explanation: shadow.explanation,
		},
	};
}

/** Those that were assigned and those that were to wait, in the order in which it was decided. */
async function* comparisons(
	store: ConversationStore,
	period: ReportPeriod,
): AsyncGenerator<Compared, void> {
	const lines = [
		store.reportedEvents({ ...period, type: 'assigned' }),
		store.reportedEvents({ ...period, type: 'queued' }),
	];
	const heads = await Promise.all(lines.map(async (line) => await line.next()));
	for (;;) {
		const [assigned, queued] = heads;
		const isFirst =
			queued!.done || (!assigned!.done && assigned!.value.id < (queued!.value as ReportedEvent).id);
		const index = isFirst ? 0 : 1;
		const head = heads[index]!;
		if (head.done) return;
		const compared = comparedIn(head.value, isFirst);
		if (compared) yield compared;
		heads[index] = await lines[index]!.next();
	}
}

function comparedIn(event: ReportedEvent, wasAssigned: boolean): Compared | undefined {
	const { shadow, agent } = event.data as { shadow?: ShadowDecision; agent?: string };
	if (!shadow) return undefined;
	return { event, shadow, live: wasAssigned ? (agent ?? null) : null };
}
