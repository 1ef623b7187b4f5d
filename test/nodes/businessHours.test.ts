import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import { byKey, failureOf } from './support/samples';

describe('Conversation Store: business hours and shifts', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});

	const run = async (
		resource: string,
		operation: string,
		parameters: INodeParameters,
		json: IDataObject = {},
	) => {
		const { outputs } = await bench.execute('conversationStore', {
			parameters: { resource, operation, ...parameters },
			items: [{ json }],
		});
		return outputs[0]![0]!.json;
	};
	const team = async (teamFields: INodeParameters, json: IDataObject = {}) =>
		await run('team', 'upsert', { teamKey: 'billing', teamFields }, json);
	const agent = async (fields: INodeParameters) =>
		await run('agent', 'upsert', { agentKey: 'nathan', fields });
	const refused = async (teamFields: INodeParameters) =>
		await failureOf(
			bench.execute('conversationStore', {
				parameters: { resource: 'team', operation: 'upsert', teamKey: 'billing', teamFields },
			}),
		);

	const form: INodeParameters = {
		values: {
			timeZone: 'Africa/Cairo',
			weekly: {
				values: [
					{ days: [7, 1, 2, 3], from: '9:00', to: '17:00' },
					{ days: [4], from: '09:00', to: '13:00' },
				],
			},
			holidays: {
				values: [
					{ name: 'Christmas', date: '2026-12-25T00:00:00', yearly: true, from: '', to: '' },
					{ date: '2026-12-24', until: '', from: '10:00', to: '12:00' },
					{ name: 'Eid', date: '2027-03-10', until: '2027-03-12T00:00:00.000+02:00' },
				],
			},
		},
	};
	const hours = {
		timeZone: 'Africa/Cairo',
		weekly: [
			{ days: [1, 2, 3, 7], from: '09:00', to: '17:00' },
			{ days: [4], from: '09:00', to: '13:00' },
		],
		holidays: [
			{ name: 'Christmas', date: '2026-12-25', yearly: true, ranges: [] },
			{ date: '2026-12-24', ranges: [{ from: '10:00', to: '12:00' }] },
			{ name: 'Eid', date: '2027-03-10', until: '2027-03-12', ranges: [] },
		],
	};

	test('a form, as an operator fills it', async () => {
		expect(await team({ hours: form })).toMatchObject({
			hours,
			hoursText: expect.stringContaining('Sun–Wed 09:00–17:00; Thu 09:00–13:00 (Africa/Cairo)'),
		});
		expect(await team({})).toMatchObject({ hours });
		expect(await run('team', 'get', { team: byKey('billing') })).toMatchObject({
			hours,
			open: expect.any(Boolean),
		});
		expect(await team({ always: false })).toMatchObject({ hours });
		expect(await team({ always: true })).toMatchObject({ hours: null, open: true });
	});

	test('an entry that is as the form shows it at first', async () => {
		const values = { timeZone: 'UTC', weekly: { values: [{}] } };
		expect(await team({ hours: { values } })).toMatchObject({
			hoursText: 'Mon–Fri 09:00–17:00 (UTC)',
		});
	});

	test('JSON, from a sheet or another team', async () => {
		expect(await team({ hoursJson: JSON.stringify(hours) })).toMatchObject({ hours });
		expect(await team({ hoursJson: ' ' })).toMatchObject({ hours });
		expect(await team({ hoursJson: 'null' })).toMatchObject({ hours: null });
		const given = { hoursJson: '={{ $json.hours }}' };
		expect(await team(given, { hours })).toMatchObject({ hours });
		expect(await team(given, {})).toMatchObject({ hours });
		expect(await team(given, { hours: null })).toMatchObject({ hours: null });
	});

	test.each([
		[{ hoursJson: '{' }, "'Business Hours (JSON)' is not JSON", /Write it like/],
		[
			{ hoursJson: '{}' },
			"'Business Hours' cannot be used. The time zone is missing: give an IANA name, e.g. Africa/Cairo",
			/Always Open/,
		],
		[
			{ hours: { values: { timeZone: 'Cairo' } } },
			"'Business Hours' cannot be used. The time zone 'Cairo' is not known",
			/Always Open/,
		],
		[
			{ hours: { values: { timeZone: 'UTC', weekly: { values: [{ to: '25:00' }] } } } },
			"Weekly hours, entry 1: '25:00' is not a time of the day",
			/Always Open/,
		],
		[
			{
				hours: {
					values: { timeZone: 'UTC', holidays: { values: [{ date: '2026-12-24', from: '9:00' }] } },
				},
			},
			'a holiday with only one of From and To: 2026-12-24',
			/Give both/,
		],
		[
			{ hours: { values: { timeZone: 'UTC' } }, hoursJson: '{"timeZone":"UTC"}' },
			"'Business Hours' and 'Business Hours (JSON)' are both given",
			/Remove one/,
		],
		[{ overflowTeam: byKey('billing') }, "'billing' cannot be its own overflow team", /Overflow/],
		[{ overflowTeam: byKey('x') }, "There is no team 'x'", /Create/],
	] as Array<[INodeParameters, string, RegExp]>)('refuses %j', async (fields, message, hint) => {
		expect(await refused(fields)).toMatchObject({
			message: expect.stringContaining(message),
			description: expect.stringMatching(hint),
		});
	});

	test('an overflow team is chosen, kept, and removed by an empty choice', async () => {
		await run('team', 'upsert', { teamKey: 'care' });
		expect(await team({ overflowTeam: byKey('care') })).toMatchObject({ overflowTeam: 'care' });
		expect(await team({})).toMatchObject({ overflowTeam: 'care' });
		expect(await run('team', 'delete', { team: byKey('care') })).toEqual({
			deleted: true,
			moved: 0,
			overflowCleared: ['billing'],
		});
		await run('team', 'upsert', { teamKey: 'care' });
		await team({ overflowTeam: byKey('care') });
		const none = { __rl: true, mode: 'list', value: '' };
		expect(await team({ overflowTeam: none })).toMatchObject({ overflowTeam: null });
	});

	test('shifts of an agent', async () => {
		expect(await agent({ hours: form })).toMatchObject({
			shifts: hours,
			onShift: expect.any(Boolean),
		});
		expect(await agent({ name: 'Nathan' })).toMatchObject({ shifts: hours });
		expect(await agent({ always: true })).toMatchObject({ shifts: null, onShift: true });
		expect(await agent({ hoursJson: JSON.stringify(hours) })).toMatchObject({ shifts: hours });
	});
});
