import { storeError } from '../../store/errors';
import type { Health } from '../../store/operations/checkHealth';
import type { StoreOperation } from './resource';

/** Whether the store is well, and what an operator has to see to. */
export const healthOperations: StoreOperation[] = [
	{
		name: 'Check Health',
		value: 'checkHealth',
		action: 'Check health of the store',
		description: 'What keeps conversations from being answered, with what to do, and sizes',
		parameters: [
			{
				displayName: 'Fail When Unhealthy',
				name: 'failWhenUnhealthy',
				type: 'boolean',
				default: false,
				description:
					'Whether to fail when a problem is an error, so that a Schedule Trigger with an error workflow alerts. Warnings never fail.',
			},
		],
		async run(call) {
			const health = await call.store.checkHealth();
			if (!health.healthy && call.flag('failWhenUnhealthy')) throw unhealthy(health);
			return { ...health, problems: health.problems.map((problem) => ({ ...problem })) };
		},
	},
];

function unhealthy({ problems }: Health) {
	const errors = problems.filter(({ severity }) => severity === 'error');
	return storeError(
		'StoreUnhealthy',
		`The conversation store is not healthy: ${errors.map(({ message }) => message).join('. ')}`,
		errors.map(({ hint }) => hint).join('. '),
	);
}
