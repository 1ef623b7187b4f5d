import fc from 'fast-check';
import { asksWhere, NOWHERE, wants, type EventFilter } from '../../nodes/store/eventFilter';

const at = { channel: 'whatsapp', team: 'billing', assignee: 'nathan' };
const closed = { type: 'closed', source: 'user', data: {} };

describe('which events a Conversation Event trigger wants', () => {
	test.each<[string, Partial<EventFilter>, boolean]>([
		['of this type', {}, true],
		['of other types', { events: ['opened'] }, false],
		['of this channel', { channels: ['email', 'whatsapp'] }, true],
		['of other channels', { channels: ['email'] }, false],
		['of this team', { teams: ['billing'] }, true],
		['of other teams', { teams: ['sales'] }, false],
		['of this agent', { agents: ['nathan'] }, true],
		['of other agents', { agents: ['ann'] }, false],
		['from this source', { sources: ['user'] }, true],
		['from other sources', { sources: ['queue', 'workflow'] }, false],
		['with all conditions met', { channels: ['whatsapp'], teams: ['billing'] }, true],
		['with one condition not met', { channels: ['whatsapp'], teams: ['sales'] }, false],
		['with empty lists', { channels: [], teams: [], agents: [], sources: [] }, true],
	])('%s', (_what, filter, wanted) => {
		expect(wants({ events: ['closed'], ...filter }, closed, at)).toBe(wanted);
	});

	test('the event says by itself which agent and team it is about', () => {
		const filter = { events: ['unassigned'], agents: ['nathan'], teams: ['billing'] };
		const event = {
			type: 'unassigned',
			source: 'user',
			data: { agent: 'nathan', team: 'billing' },
		};
		expect(wants(filter, event, { ...at, team: 'sales', assignee: null })).toBe(true);
		expect(wants(filter, { ...event, data: { agent: 'ann' } }, at)).toBe(false);
		const data = { assignee: 'nathan', team: 'billing' };
		expect(wants({ ...filter, events: ['closed'] }, { ...closed, data }, NOWHERE)).toBe(true);
	});

	test('what is about no conversation meets no condition about one', () => {
		expect(wants({ events: ['closed'], teams: ['billing'] }, closed, NOWHERE)).toBe(false);
		expect(wants({ events: ['closed'] }, closed, NOWHERE)).toBe(true);
	});

	test('overdue is wanted only for the time that was asked for', () => {
		const filter = { events: ['first_response_overdue'], overdueAfter: 60_000 };
		const event = (afterMs: number) => ({
			type: 'first_response_overdue',
			source: 'system',
			data: { afterMs },
		});
		expect(wants(filter, event(60_000), at)).toBe(true);
		expect(wants(filter, event(120_000), at)).toBe(false);
	});

	test('property: a condition only takes away, and is asked about where it is', () => {
		const word = fc.constantFrom('a', 'b', 'c');
		const list = fc.option(fc.array(word, { maxLength: 2 }), { nil: undefined });
		const filters = fc.record({
			events: fc.array(word, { maxLength: 2 }),
			channels: list,
			teams: list,
			agents: list,
			sources: list,
		}) as fc.Arbitrary<EventFilter>;
		const maybe = fc.option(word);
		const places = fc.record({ channel: maybe, team: maybe, assignee: maybe });
		fc.assert(
			fc.property(filters, word, word, places, (filter, type, source, place) => {
				const event = { type, source, data: {} };
				const wanted = wants(filter, event, place);
				if (wanted) expect(wants({ events: filter.events }, event, NOWHERE)).toBe(true);
				if (!asksWhere(filter)) expect(wants(filter, event, NOWHERE)).toBe(wanted);
			}),
		);
	});
});
