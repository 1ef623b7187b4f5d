import type { Availability } from '../../decisions/contracts';
import { agentParameter } from '../../descriptions/common';
import { availability, milliseconds, minutesParameter } from './agentParameters';
import { locatorValue, type StoreOperation } from './resource';

const FOR = 'For Minutes';
const GRACE = 'Grace Minutes';
const LATER = 'Take Effect After Minutes';

/** A person, or a workflow, says who is there. */
export const setAvailability: StoreOperation = {
	name: 'Set Availability',
	value: 'setAvailability',
	action: 'Set availability of an agent',
	description: 'Coming online serves the queue at once',
	parameters: [
		agentParameter({ required: true }),
		availability,
		minutesParameter(FOR, 'minutes', {
			description:
				'How long it holds; 0 is until further notice. After it, online ends as offline. Away and offline end for agents who follow their shifts: they are online again in the shift.',
		}),
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [
				minutesParameter(GRACE, 'grace', {
					default: 2,
					description:
						'With online for some minutes: how long after them it may be set again as if nothing had happened. In between the agent gets nothing new, and keeps what is there.',
				}),
				agentParameter({
					displayName: 'Set By',
					name: 'setBy',
					description: 'The agent who says so; without one it is the workflow',
				}),
				minutesParameter(LATER, 'delay', {
					default: 2,
					description:
						'With away or offline: the agent stays as is until then, and setting online before cancels it',
				}),
			],
		},
	],
	async run(call) {
		const value = call.text('availability') as Availability;
		const options = call.collection('options');
		const lasts = milliseconds(call.value('minutes'), FOR);
		const grace = options.grace === undefined ? 0 : milliseconds(options.grace, GRACE);
		const delay = options.delay === undefined ? 0 : milliseconds(options.delay, LATER);
		const actor = locatorValue(options.setBy);
		const { agent, ...rest } = await call.store.setAvailability({
			key: call.text('agent'),
			availability: value,
			onlineUntil: lasts > 0 ? call.store.clock() + lasts : null,
			// A grace without an end, and a delay of what comes at once, say nothing.
			...(value === 'online' && lasts > 0 ? { grace } : {}),
			...(value === 'online' ? {} : { delay }),
			...(actor ? { source: 'user', actor } : { source: 'workflow' }),
		});
		return { ...agent, assignedFromQueue: rest.assignedFromQueue };
	},
};
