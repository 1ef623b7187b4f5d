import { timelinesOf, type PresenceChange } from '../../nodes/decisions/presenceTimeline';

const agent = (key: string, createdAt = 0) => ({ key, presence: 'away' as const, createdAt });
const change = (at: number, from: PresenceChange['from'], to: PresenceChange['to']) => ({
	...{ agent: 'a', at, from, to },
});

test('before its first change an agent was what that change came from', () => {
	const changes = [change(20, 'online', 'offline'), change(30, 'offline', 'away')];
	expect(timelinesOf([agent('a')], changes, 10).get('a')).toEqual({
		presence: 'online',
		changes: [
			{ at: 20, to: 'offline' },
			{ at: 30, to: 'away' },
		],
		told: true,
	});
});

test('who was new at the first change was not there before', () => {
	const line = timelinesOf([agent('a', 20)], [change(20, null, 'online')], 10).get('a');
	expect(line).toMatchObject({ presence: 'offline', changes: [{ at: 20, to: 'online' }] });
});

test('without a change it is what it is now, since it was made', () => {
	const lines = timelinesOf([agent('old'), agent('new', 15)], [change(20, 'online', 'away')], 10);
	expect(lines.get('old')).toEqual({ presence: 'away', changes: [], told: false });
	expect(lines.get('new')).toEqual({
		...{ presence: 'offline', changes: [{ at: 15, to: 'away' }], told: false },
	});
	// Of who is no agent any more there is nothing to tell.
	expect([...lines.keys()]).toEqual(['old', 'new']);
});

test('what is told later came later, whenever it is said to have begun', () => {
	const changes = [change(20, 'offline', 'online'), change(15, 'online', 'away')];
	expect(timelinesOf([agent('a')], changes, 10).get('a')?.changes).toEqual([
		{ at: 20, to: 'online' },
		{ at: 20, to: 'away' },
	]);
});
