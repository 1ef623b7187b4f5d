import { sql } from '../../vendor';

/**
 * Rows whose key or name contains a text, for the lists of the editor. `%` and `_` are no patterns
 * for whoever types them, and are left out.
 */
export function keyOrNameContains(search: string) {
	const like = `%${search
		.toLowerCase()
		.replace(/[%_\\]/g, ' ')
		.trim()}%`;
	return sql<boolean>`(lower(key) like ${like} or lower(name) like ${like})`;
}
