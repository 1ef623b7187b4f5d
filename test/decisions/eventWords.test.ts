import fc from 'fast-check';
import { duration, type RecordedEvent } from '../../nodes/decisions/eventParts';
import { describeEvent } from '../../nodes/decisions/eventWords';

const NAMES = {
	agent: (key: string) => (key === 's' ? 'Sara' : key === 'o' ? 'Omar' : key),
	team: (key: string) => (key === 'billing' ? 'Billing' : key),
};

const say = (type: string, data: RecordedEvent['data'] = {}, how: Partial<RecordedEvent> = {}) =>
	describeEvent({ type, source: 'workflow', actor: null, data, ...how }, NAMES);

const SARA = {
	explanation:
		'Sara has the next turn: 2 of 5 open, last assigned 10:02 UTC. Omar left out: offline since 09:40 UTC.',
};

test.each<[string, RecordedEvent['data'], Partial<RecordedEvent>, string]>([
	[
		'opened',
		{ channel: 'whatsapp', ordinal: 1 },
		{ source: 'contact' },
		'Opened by the contact on whatsapp.',
	],
	[
		'opened',
		{ channel: 'whatsapp', ordinal: 3 },
		{ source: 'ctc_ads' },
		'Opened by ctc_ads on whatsapp: conversation 3 of this contact.',
	],
	[
		'assigned',
		{ agent: 's', team: 'billing', decision: SARA, reason: SARA.explanation, waitedMs: 0 },
		{},
		'Assigned to Sara (team Billing): Sara has the next turn: 2 of 5 open, last assigned 10:02 UTC. Omar left out: offline since 09:40 UTC.',
	],
	[
		'assigned',
		{ agent: 's', team: null, decision: null, reason: 'assigned by hand', waitedMs: 185_000 },
		{ source: 'user', actor: 'o' },
		'Assigned to Sara by Omar: assigned by hand. It waited 3 minutes.',
	],
	[
		'assigned',
		{
			...{ agent: 's', team: 'billing', decision: SARA },
			shadow: { strategy: 'leastOpen', chosen: { key: 'o', name: 'Omar' }, agrees: false },
		},
		{ source: 'queue' },
		`Assigned to Sara (team Billing): ${SARA.explanation} By least open it would be Omar.`,
	],
	[
		'queued',
		{ team: 'billing', reason: 'Nobody is online. Omar left out: away.', shadow: { agrees: true } },
		{},
		'Waits in the queue of team Billing: Nobody is online. Omar left out: away.',
	],
	[
		'queued',
		{ team: null, decision: { explanation: '' }, reason: 'agent removed' },
		{},
		'Waits in the queue: agent removed.',
	],
	[
		'queue_timed_out',
		{},
		{},
		'Its flow has stopped waiting for an agent; it waits on in the queue.',
	],
	['accepted', { agent: 's' }, {}, 'Sara took the conversation.'],
	['accepted', {}, { actor: 'o' }, 'Omar took the conversation.'],
	[
		'unassigned',
		{ agent: 's', reason: 'rerouted' },
		{},
		'Taken off Sara by a workflow: it was routed to another team.',
	],
	['unassigned', { agent: null }, { source: 'chatwoot' }, 'Taken off its agent by chatwoot.'],
	[
		'escalated',
		{ from: 'sales', to: 'billing', reason: 'Came back 3 times' },
		{},
		'Escalated to team Billing: Came back 3 times.',
	],
	['escalated', {}, {}, 'Escalated.'],
	[
		'snoozed',
		{ until: Date.UTC(2026, 0, 2, 9, 5) },
		{ source: 'user', actor: 's' },
		'Snoozed by Sara until 2026-01-02 09:05 UTC.',
	],
	[
		'snoozed',
		{ until: '2026-01-02T09:05:00.000Z' },
		{ source: 'system' },
		'Snoozed until 2026-01-02 09:05 UTC.',
	],
	['snoozed', { until: 1e300 }, {}, 'Snoozed by a workflow until the contact writes.'],
	['woken', {}, { source: 'contact' }, 'Woke by the contact.'],
	[
		'woken',
		{ by: 'time', overCapacity: true },
		{ source: 'system' },
		'Woke. Its agent has more than the capacity now.',
	],
	['first_response_overdue', {}, {}, 'Nobody has replied yet, and the time for it is over.'],
	[
		'routed',
		{ team: 'billing', decision: { via: 'rule', ruleName: 'Invoices' } },
		{},
		'Routed to team Billing by the rule Invoices.',
	],
	[
		'routed',
		{ team: 'billing', decision: { via: 'sticky' } },
		{},
		'Routed to team Billing, where the contact was before.',
	],
	[
		'routed',
		{ team: 'billing', decision: { via: 'fallback' } },
		{},
		'Routed to team Billing, since no rule matched.',
	],
	[
		'routed',
		{ team: 'billing', decision: null, reason: 'Assigned to this team' },
		{},
		'Routed to team Billing by a workflow: Assigned to this team.',
	],
	['unrouted', { team: null }, {}, 'No rule decided on a team.'],
	['question_asked', { time: 1 }, {}, 'A question was asked.'],
	['question_asked', { time: 2 }, {}, 'The question was asked for time 2.'],
	['answer_received', { messageId: 'm' }, {}, 'The contact answered the question.'],
	['question_ended', { outcome: 'timedOut' }, {}, 'Nobody answered the question in time.'],
	[
		'question_ended',
		{ outcome: 'ended', reason: 'personReplied' },
		{},
		'The question is over. A person replied.',
	],
	[
		'enriched',
		{ fields: ['language'], tags: ['vip'], intent: 'refund' },
		{},
		'Learned of the contact: language, tag vip, intent refund.',
	],
	[
		'closed',
		{ category: 'Solved' },
		{ source: 'user', actor: 's' },
		'Closed by Sara, category Solved.',
	],
	[
		'closed',
		{ category: null },
		{ source: 'auto_close' },
		'Closed since nobody wrote for a while.',
	],
	['replied', { channel: 'telegram' }, {}, 'Answered on telegram.'],
	['replied', { elsewhere: true }, {}, 'Answered elsewhere.'],
	[
		'message_failed',
		{ code: 131047, reason: 'Text "hello" refused' },
		{},
		'A message could not be delivered (code 131047).',
	],
	[
		'message_failed',
		{ code: 'it was: hello', reason: null },
		{},
		'A message could not be delivered.',
	],
	[
		'flow_failed',
		{ action: 'queue' },
		{ source: 'system' },
		'The flow ended and left it to nobody: it goes to the queue.',
	],
	['something_new', {}, { source: 'api' }, 'Something new by another system.'],
])('%s %j %j', (type, data, how, words) => {
	expect(say(type, data, how)).toBe(words);
});

test('what others wrote is one line and bounded', () => {
	const long = say('unassigned', { agent: 's', reason: 'x\n'.repeat(5000) });
	expect(long).not.toContain('\n');
	expect(long.length).toBeLessThan(700);
	expect(say('assigned', { agent: 'n'.repeat(500) }).length).toBeLessThan(120);
});

test('a reason that ends a sentence gets no second full stop, in Arabic neither', () => {
	expect(say('woken', { reason: 'انتهى الوقت؟' })).toBe('Woke by a workflow: انتهى الوقت؟');
});

const TYPES = [
	...['opened', 'question_asked', 'answer_received', 'question_ended', 'replied', 'enriched'],
	...['routed', 'unrouted', 'queued', 'queue_timed_out', 'assigned', 'accepted', 'unassigned'],
	...['escalated', 'snoozed', 'woken', 'first_response_overdue', 'closed', 'reopened'],
	...['message_failed', 'opted_out', 'opted_in', 'flow_failed', 'availability_changed'],
	...['contact_blocked', 'contact_erased', 'delivery_retried', 'delivery_skipped', 'unknown_one'],
];

test('whatever an event holds, it is a sentence', () => {
	const data = fc.dictionary(
		fc.constantFrom(
			'agent',
			'team',
			'reason',
			'decision',
			'shadow',
			'until',
			'ordinal',
			'fields',
			'code',
		),
		fc.jsonValue(),
	);
	fc.assert(
		fc.property(fc.constantFrom(...TYPES), data, (type, values) => {
			const words = say(type, values as RecordedEvent['data']);
			expect(words).toMatch(/[.!?…。؟]( |$)/u);
			expect(words.length).toBeLessThan(1500);
			expect(words).not.toMatch(/undefined|\[object|NaN/);
		}),
	);
});

test("what a contact wrote is in no field that is shown, and so not in an event's words", () => {
	const secret = 'SECRET';
	const messages = {
		text: secret,
		message: { text: secret },
		summary: secret,
		facts: { text: secret },
	};
	for (const type of TYPES) {
		const decision = { reason: secret, checked: [{ why: secret }], via: 'rule', ruleName: 'R' };
		expect(say(type, { ...messages, decision, team: 'billing' })).not.toContain(secret);
	}
	expect(say('message_failed', { reason: secret })).not.toContain(secret);
});

test.each([
	[0, '0 seconds'],
	[1000, '1 second'],
	[59_700, '1 minute'],
	[3_600_000, '1 hour'],
	[7_500_000, '2 hours 5 minutes'],
	[47 * 3_600_000, '47 hours'],
	[72 * 3_600_000, '3 days'],
])('%d ms is %s', (time, words) => expect(duration(time)).toBe(words));
