/** Codes of Unicode's data have no alias for these, which mean one of the measured languages. */
const VARIETIES: Record<string, string> = { arz: 'ar', ara: 'ar', fas: 'fa', prs: 'fa', zlm: 'ms' };

/** The two-letter code where there is one: `cmn` is `zh`, `arb` is `ar`, `spa` is `es`. */
export function sameCode(language: string): string {
	const known = VARIETIES[language] ?? language;
	return /^[a-z]{2,3}$/u.test(known) ? new Intl.Locale(known).language : known;
}
