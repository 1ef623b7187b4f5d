/**
 * The outputs of the node, as the editor asks for them. The source text of these functions becomes
 * an n8n expression, so each stands by itself: no helpers or imports, no method that n8n gives
 * another meaning (keys, values, first, last), and nowhere two closing braces in a row, which would
 * end the expression.
 */

/** The parameters as they are saved: expressions are texts that begin with "=". */
export interface OutputParameters {
	outputMode?: string;
	rules?: { values?: Array<{ team?: unknown }> };
}

export interface TeamWithOutput {
	key: string;
	name: string;
}

/** Teams with an output of their own, in the order of their first rule; null: Routed and Unrouted. */
export function teamsWithOutput(parameters: OutputParameters): TeamWithOutput[] | null {
	if (parameters.outputMode !== 'perTeam') return null;
	const teams: TeamWithOutput[] = [];
	const rows = parameters.rules?.values ?? [];
	for (const row of rows) {
		const team = (row.team ?? '') as string | { value?: unknown; cachedResultName?: unknown };
		const isLocator = typeof team === 'object';
		const key = String((isLocator ? team.value : team) ?? '').trim();
		const isNew = !teams.some((each) => each.key === key);
		if (key !== '' && !key.startsWith('=') && isNew && teams.length < 16) {
			const name = String((isLocator ? team.cachedResultName : undefined) ?? key);
			teams.push({ key, name });
		}
	}
	return teams;
}

export function outputsOf(teams: TeamWithOutput[] | null) {
	const names = teams === null ? ['Routed', 'Unrouted'] : ['Unrouted', 'Other Team'];
	for (const team of teams ?? []) names.push(team.name);
	return names.map((displayName) => ({ type: 'main', displayName }));
}

export const OUTPUTS: `={{${string}}}` = `={{(${outputsOf})((${teamsWithOutput})($parameter))}}`;

/** By which output a conversation leaves that went to this team, or to none. */
export function outputFor(team: string | null, teams: TeamWithOutput[] | null): number {
	if (teams === null) return team === null ? 1 : 0;
	if (team === null) return 0;
	const own = teams.findIndex(({ key }) => key === team);
	return own < 0 ? 1 : own + 2;
}

/** Unrouted, also for items that failed while the node goes on. */
export const unroutedOutput = (teams: TeamWithOutput[] | null) => outputFor(null, teams);
