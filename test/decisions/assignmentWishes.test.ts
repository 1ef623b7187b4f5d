import fc from 'fast-check';
import { decideAssignment } from '../../nodes/decisions/assignment';
import type { AgentCandidate, AssignmentPolicy } from '../../nodes/decisions/contracts';
import { preferenceWait } from '../../nodes/decisions/preferring';
import { agent, anyAgents, anyPolicy, NOW, policy } from './support/assignment';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const decide = (agents: AgentCandidate[], values: Partial<AssignmentPolicy> = {}, now = NOW) =>
	decideAssignment(agents, policy(values), now);
const choose = (agents: AgentCandidate[], values: Partial<AssignmentPolicy> = {}) =>
	decide(agents, values).chosen?.key ?? null;

describe('skills', () => {
	test.each([
		['Refunds', 'refunds'],
		['refunds ', ' REFUNDS'],
		['ＲＥＦＵＮＤＳ', 'refunds'],
		['café', 'CAFE'],
		['مبيعات', 'مَبِيعَات'],
		['الإرجاع', 'الارجاع'],
		['صيانة', 'صيانه'],
		['返金', '返金'],
		['ｶﾀｶﾅ', 'カタカナ'],
		['İADE', 'iade'],
		['two  words', 'Two Words'],
	])('%p is %p', (has, asked) => {
		expect(choose([agent('a', { skills: [has] })], { skills: [asked] })).toBe('a');
	});

	test('another word is another skill, also where one is in the other', () => {
		expect(choose([agent('a', { skills: ['refunds'] })], { skills: ['refund'] })).toBeNull();
		expect(choose([agent('a', { skills: ['返金'] })], { skills: ['返'] })).toBeNull();
	});

	test('all of them are needed, and the words say which are missing, as they were asked for', () => {
		const agents = [agent('a', { name: 'Sara', skills: ['refunds', 'Arabic'] })];
		expect(choose(agents, { skills: ['arabic', 'refunds'] })).toBe('a');
		const decision = decide(agents, { skills: ['Refunds', 'Hardware', 'Loans', 'A', 'B', 'C'] });
		expect(decision).toMatchObject({ chosen: null, blockedBy: 'nobodyQualified' });
		expect(decision.explanation).toBe(
			'Nobody who could be chosen has the skills or the language. ' +
				'Sara left out: lacks Hardware, Loans, A and 2 more.',
		);
	});

	test('empty words ask for nothing', () => {
		expect(choose([agent('a')], { skills: ['', '  '] })).toBe('a');
	});

	test('an agent without skills has none', () => {
		expect(choose([agent('a')], { skills: ['refunds'] })).toBeNull();
	});
});

describe('languages', () => {
	test.each([
		[['ar'], 'ar-EG'],
		[['ar-EG'], 'ar'],
		[['AR_eg'], 'ar-SA'],
		[['en', 'pt-BR'], 'pt-PT'],
		[['zh-Hans'], 'zh'],
	])('who speaks %p is understood in %p', (languages, language) => {
		expect(choose([agent('a', { languages })], { language })).toBe('a');
	});

	test('none are all; an empty one asks for nothing', () => {
		expect(choose([agent('a')], { language: 'sw' })).toBe('a');
		expect(choose([agent('a', { languages: ['en'] })], { language: '' })).toBe('a');
	});

	test('the primary subtag is compared whole', () => {
		expect(choose([agent('a', { languages: ['fil'] })], { language: 'fi' })).toBeNull();
	});

	test('who does not speak it is left out with its reason', () => {
		const decision = decide([agent('a', { name: 'Omar', languages: ['en'] }), agent('b')], {
			language: 'ar-EG',
		});
		expect(decision.chosen?.key).toBe('b');
		expect(decision.explanation).toContain('Omar left out: does not speak ar-EG.');
	});

	test('what is no tag may be what a contact wrote, and is not repeated', () => {
		const language = 'my password is hunter2';
		const decision = decide([agent('a', { languages: ['en'] })], { language });
		expect(decision.explanation).toContain('does not speak the language');
		expect(JSON.stringify(decision)).not.toContain('hunter2');
	});
});

describe('relaxed', () => {
	const asked = { skills: ['loans'], language: 'ar', relaxed: true };
	const english = agent('a', { name: 'Sara', languages: ['en'] });

	test('skills and language do not count any more, and the words say it', () => {
		expect(decide([english], asked)).toMatchObject({
			chosen: { key: 'a' },
			allWereCandidates: true,
			explanation:
				'Sara is the only agent: 0 open, never assigned. ' +
				'Skills and language are no longer asked for: it has waited too long.',
		});
		expect(decide([{ ...english, availability: 'away' }], asked).explanation).toBe(
			'Nobody is online. Skills and language are no longer asked for: it has waited too long. ' +
				'Sara left out: away.',
		);
	});

	test('all else counts as before', () => {
		expect(choose([english], { ...asked, excluded: ['a'] })).toBeNull();
		expect(choose([{ ...english, capacity: 0 }], asked)).toBeNull();
	});
});

describe('the agent before', () => {
	const until = NOW + 5 * MINUTE;
	const sara = agent('s', { name: 'Sara', capacity: 5, openUnits: 4, turnCount: 9, lastTurn: 9 });
	const omar = agent('o', { name: 'Omar' });
	const prefer = { agent: 's', until };

	test('goes first while free, whoever has the next turn', () => {
		const decision = decide([omar, sara], { prefer });
		expect(decision).toMatchObject({ chosen: { key: 's' }, via: 'preferred', tieBreak: null });
		expect(decision.considered[0]?.key).toBe('s');
		expect(decision.explanation).toBe(
			'Sara had this contact before and can take it: 4 of 5 open, never assigned.',
		);
		expect(decide([omar, sara])).toMatchObject({ chosen: { key: 'o' }, via: 'strategy' });
	});

	test.each([
		['away', { availability: 'away' as const }, 'away'],
		[
			'outside the shift',
			{ onShift: false, nextShift: '09:00' },
			'outside the shift, on again at 09:00',
		],
		['full', { openUnits: 5 }, 'at capacity, 5 of 5 open'],
	])('is waited for until then while %s, and nobody else gets it', (_why, values, words) => {
		const decision = decide([omar, { ...sara, ...values }], { prefer });
		expect(decision).toMatchObject({ chosen: null, via: null, blockedBy: 'waitsForPreferred' });
		expect(decision.considered[0]).toMatchObject({ key: 's', candidate: false });
		expect(decision.explanation).toBe(
			`It waits for Sara, who had this contact before, until 10:35 UTC: ${words}.`,
		);
	});

	test('the wait ends at its moment, and the words say first why it is somebody else', () => {
		const away = { ...sara, availability: 'away' as const, turnCount: 99, lastTurn: 99 };
		const others = Array.from({ length: 8 }, (_, index) =>
			agent(`x${index}`, { availability: 'offline' }),
		);
		const decision = decideAssignment([omar, away, ...others], policy({ prefer }), until);
		expect(decision).toMatchObject({ chosen: { key: 'o' }, via: 'strategy', blockedBy: null });
		expect(decision.explanation).toContain('Left out: Sara (away), x0 (offline)');
	});

	test.each([
		['excluded', sara, { excluded: ['s'] }],
		['without the skill', sara, { skills: ['loans'] }],
		['without the language', { ...sara, languages: ['en'] }, { language: 'ar' }],
		['never able to take so much', sara, { weight: 6 }],
	])('is not waited for when %s', (_why, one, values) => {
		const able = { ...omar, skills: ['loans'] };
		expect(decide([able, one], { ...values, prefer })).toMatchObject({
			chosen: { key: 'o' },
			via: 'strategy',
		});
	});

	test('is waited for at a weight that fits an empty desk', () => {
		expect(decide([omar, sara], { weight: 5, prefer }).blockedBy).toBe('waitsForPreferred');
	});

	test('is not waited for when not in the pool, or when no wait was asked for', () => {
		expect(choose([omar], { prefer })).toBe('o');
		const away = { ...sara, availability: 'away' as const };
		expect(choose([omar, away], { prefer: { agent: 's', until: null } })).toBe('o');
	});

	test('is waited for less the longer ago it was', () => {
		const policyOf = { within: 10 * DAY, waitAtMost: 10 * MINUTE };
		expect(preferenceWait(0, policyOf)).toBe(10 * MINUTE);
		expect(preferenceWait(-5, policyOf)).toBe(10 * MINUTE);
		expect(preferenceWait(5 * DAY, policyOf)).toBe(5 * MINUTE);
		expect(preferenceWait(10 * DAY, policyOf)).toBeNull();
		expect(preferenceWait(9 * DAY, { ...policyOf, waitAtMost: 0 })).toBe(0);
		const days = fc.integer({ min: 0, max: 20 * DAY });
		fc.assert(
			fc.property(days, days, (a, b) => {
				const [sooner, later] = a < b ? [a, b] : [b, a];
				const wait = (ago: number) => preferenceWait(ago, policyOf) ?? 0;
				expect(wait(sooner)).toBeGreaterThanOrEqual(wait(later));
			}),
		);
	});
});

describe('the record', () => {
	test('says since when somebody is away', () => {
		const decision = decide([
			agent('s', { name: 'Sara' }),
			agent('o', { name: 'Omar', availability: 'offline', availabilitySince: NOW - 50 * MINUTE }),
		]);
		expect(decision.explanation).toBe(
			'Sara is the only one who can take it: 0 open, never assigned. ' +
				'Omar left out: offline since 09:40 UTC.',
		);
	});

	test('gives scores and what they count, and counts those it does not list', () => {
		const agents = Array.from({ length: 80 }, (_, index) =>
			agent(`a${String(index).padStart(2, '0')}`, {
				openUnits: index,
				capacity: index < 60 ? null : 10,
				...(index % 10 === 9 ? { availability: 'away' as const } : {}),
			}),
		);
		const decision = decide(agents, { strategy: 'leastOpen' });
		expect(decision.scoredBy).toBe('units open');
		expect(decision.considered.map(({ score }) => score)).toEqual(
			agents.slice(0, 50).map((_, i) => i),
		);
		expect(decision).toMatchObject({
			notListed: 30,
			notListedBy: { candidate: 9, notOnline: 3, atCapacity: 18 },
			examinedAll: true,
		});
		expect(decide(agents.slice(0, 50)).notListedBy).toEqual({});
	});

	test.each([
		['roundRobin', 'turns taken', { turnCount: 3 }, 3],
		['lowestLoad', 'units open as a share of the capacity', { openUnits: 1, capacity: 3 }, 0.333],
		['longestIdle', 'last assigned, in ms since 1970', { lastAssignedAt: NOW }, NOW],
		['longestIdle', 'last assigned, in ms since 1970', {}, null],
	] as const)('%s scores by %s', (strategy, scoredBy, values, score) => {
		const decision = decide([agent('a', values)], { strategy });
		expect(decision).toMatchObject({ scoredBy, considered: [{ score }] });
	});

	test('round robin scores by the last turn while somebody is missing', () => {
		const agents = [agent('a', { lastTurn: 7 }), agent('b', { availability: 'away' })];
		expect(decide(agents)).toMatchObject({
			scoredBy: 'number of the last turn',
			considered: [
				{ key: 'a', score: 7 },
				{ key: 'b', score: null },
			],
		});
	});

	test('what nobody qualified means: who is there lacks something', () => {
		const away = agent('a', { availability: 'away', skills: ['loans'] });
		expect(decide([away, agent('b')], { skills: ['loans'] }).blockedBy).toBe('nobodyQualified');
		expect(decide([away], { skills: ['loans'] }).blockedBy).toBe('nobodyOnline');
		const full = agent('c', { skills: ['loans'], capacity: 1, openUnits: 1 });
		expect(decide([full, agent('b')], { skills: ['loans'] }).blockedBy).toBe('everybodyAtCapacity');
	});
});

describe('rules that always hold for the record', () => {
	const longWord = fc.string({ maxLength: 500, unit: 'binary' });
	/** As {@link anyAgents}, and called and skilled whatever an import may bring. */
	const longAgents = anyAgents.chain((agents) =>
		fc
			.array(longWord, { minLength: agents.length, maxLength: agents.length })
			.map((names) =>
				agents.map((one, index) => ({ ...one, name: names[index]!, skills: [names[index]!] })),
			),
	);
	const longPolicy = fc
		.tuple(anyPolicy, fc.array(longWord, { maxLength: 20 }), longWord)
		.map(([one, skills, language]): AssignmentPolicy => ({ ...one, skills, language }));

	test('it stays small, however many agents there are and whatever they are called', () => {
		fc.assert(
			fc.property(longAgents, longPolicy, (agents, policies) => {
				const decision = decideAssignment(agents, policies, NOW);
				expect(decision.explanation.length).toBeLessThan(2500);
				expect(decision.tieBreak?.length ?? 0).toBeLessThan(400);
				for (const { name, reason } of decision.considered) {
					expect(Array.from(name).length).toBeLessThanOrEqual(60);
					expect(reason.length).toBeLessThan(500);
				}
				expect(decision.explanation).not.toMatch(/\n/);
			}),
		);
	});

	test('same values, same answer, and what is given stays as it is', () => {
		fc.assert(
			fc.property(anyAgents, anyPolicy, (agents, policies) => {
				const before = JSON.stringify([agents, policies]);
				const decision = decideAssignment(agents, policies, NOW);
				expect(decideAssignment(structuredClone(agents), structuredClone(policies), NOW)).toEqual(
					decision,
				);
				expect(JSON.stringify([agents, policies])).toBe(before);
			}),
		);
	});

	test('a candidate is who could be given it alone', () => {
		fc.assert(
			fc.property(anyAgents, anyPolicy, (agents, policies) => {
				for (const { key, candidate } of decideAssignment(agents, policies, NOW).considered) {
					const one = agents.find((each) => each.key === key)!;
					const alone = decideAssignment([one], { ...policies, prefer: null }, NOW);
					expect(candidate).toBe(alone.chosen !== null);
				}
			}),
		);
	});

	test('held means: the agent before is there, and what keeps it away may pass', () => {
		fc.assert(
			fc.property(anyAgents, anyPolicy, (agents, policies) => {
				const decision = decideAssignment(agents, policies, NOW);
				if (decision.blockedBy !== 'waitsForPreferred') return;
				const before = agents.find(({ key }) => key === policies.prefer?.agent)!;
				expect(policies.prefer!.until).toBeGreaterThan(NOW);
				expect(decision.considered[0]).toMatchObject({ key: before.key, candidate: false });
				const later = {
					...{ ...before, availability: 'online' as const, onlineUntil: null },
					...{ onShift: true, openUnits: 0 },
				};
				expect(decideAssignment([later], policies, NOW).via).toBe('preferred');
			}),
		);
	});

	test('who is left out is counted once, named or not', () => {
		fc.assert(
			fc.property(anyAgents, anyPolicy, (agents, policies) => {
				const { considered, notListed, notListedBy } = decideAssignment(agents, policies, NOW);
				const counted = Object.values(notListedBy).reduce((sum, each) => sum + each, 0);
				expect(counted).toBe(notListed);
				expect(considered.length + notListed).toBe(agents.length);
			}),
		);
	});
});
