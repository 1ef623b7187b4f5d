import { sql, type SelectQueryBuilder } from '../../vendor';

/** How many rows a query finds. */
export async function countOf<DB, TB extends keyof DB>(
	query: SelectQueryBuilder<DB, TB, object>,
): Promise<number> {
	const row = await query.select(sql<number>`count(*)`.as('n')).executeTakeFirstOrThrow();
	return (row as { n: number }).n;
}
