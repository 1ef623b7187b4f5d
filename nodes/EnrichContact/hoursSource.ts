import type { Source } from './sources';

/** Whether the team that is to answer works now: the chosen one, else that of the conversation. */
export const hours: Source = async ({ conversation }, { hoursTeam }, { access }) => {
	const key = hoursTeam ?? conversation.team?.key;
	if (key === undefined) {
		const reason =
			'The conversation has no team yet. Choose a team in this node, or put it behind Route to Team';
		return { output: null, skipped: true, reason };
	}
	const { name, open, openText: why, opensAt, closesAt } = await access.team(key);
	return { output: { open, why, opensAt, closesAt, team: { key, name } } };
};
