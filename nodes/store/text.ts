/**
 * No text of the store holds the NUL character: PostgreSQL cannot store it, and SQLite's functions
 * end at it. What is stored and what is looked for lose it alike, in every engine.
 */
export const withoutNul = <T>(value: T): T =>
	typeof value === 'string' && value.includes('\0') ? (value.replaceAll('\0', '') as T) : value;
