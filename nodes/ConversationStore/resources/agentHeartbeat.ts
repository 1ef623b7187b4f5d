import { agentParameter } from '../../descriptions/common';
import { milliseconds, minutesParameter } from './agentParameters';
import type { StoreOperation } from './resource';

const FOR = 'For Minutes';
const GRACE = 'Grace Minutes';
const AFTER = 'Gone After Minutes';

/** A program that watches whether an agent is there says so: again and again, or when that ends. */
export const heartbeat: StoreOperation = {
	name: 'Heartbeat',
	value: 'heartbeat',
	action: 'Send a heartbeat of an agent',
	description: 'Keeps an agent online who is there; never ends away or offline that somebody set',
	parameters: [
		agentParameter({ required: true }),
		{
			displayName: 'Signal',
			name: 'signal',
			type: 'options',
			options: [
				{
					name: 'Alive',
					value: 'alive',
					description: 'The app is open, the phone is at hand: online for some minutes more',
				},
				{
					name: 'Gone',
					value: 'gone',
					description: 'The app was closed or went to the background: offline unless it comes back',
				},
			],
			default: 'alive',
		},
		minutesParameter(FOR, 'minutes', {
			default: 10,
			displayOptions: { show: { signal: ['alive'] } },
			description: 'How long the agent is online unless the next heartbeat comes',
		}),
		minutesParameter(GRACE, 'grace', {
			default: 2,
			displayOptions: { show: { signal: ['alive'] } },
			description:
				'How late the next heartbeat may be: in between the agent gets nothing new, and does not count as offline',
		}),
		minutesParameter(AFTER, 'delay', {
			default: 2,
			displayOptions: { show: { signal: ['gone'] } },
			description: 'The agent stays online for so long, in which a heartbeat cancels it',
		}),
	],
	async run(call) {
		const alive = call.text('signal') !== 'gone';
		const { agent, applied, assignedFromQueue } = await call.store.setAvailability({
			key: call.text('agent'),
			heartbeat: true,
			source: 'workflow',
			...(alive
				? {
						availability: 'online',
						onlineUntil: call.store.clock() + milliseconds(call.value('minutes'), FOR, 0.1),
						grace: milliseconds(call.value('grace'), GRACE),
					}
				: {
						availability: 'offline',
						onlineUntil: null,
						delay: milliseconds(call.value('delay'), AFTER),
					}),
		});
		return { ...agent, applied, assignedFromQueue };
	},
};
