/**
 * Reads one value of an answer by its path, as an operator writes it: `customer.plan`, `data[0].id`,
 * `$.a["b.c"][1]`. Nothing is evaluated, and only what the answer itself holds is found: no property
 * that JavaScript gives every object.
 */

/** Steps of a path: names of properties and places in lists. */
export type JsonPath = Array<string | number>;

const LONGEST_PATH = 500;

/** `.name`, `name` at the beginning, `[0]`, `["name"]`, `['name']`; a backslash takes the next sign as it is. */
const STEP =
	/\.?([^.[\]"'\s][^.[\]]*)|\[\s*(\d{1,9})\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\[\s*'((?:[^'\\]|\\.)*)'\s*\]/suy;

/** The steps of a path, or null where it is none. The path `$` is the whole answer: no steps. */
export function parseJsonPath(path: string): JsonPath | null {
	const text = path.trim();
	if (text === '' || text.length > LONGEST_PATH) return null;
	const start = /^\$(?=$|[.[])/.exec(text)?.[0].length ?? 0;
	const steps: JsonPath = [];
	let at = start;
	while (at < text.length) {
		STEP.lastIndex = at;
		const match = STEP.exec(text);
		// A dot stands between a name and what is before it, and only there.
		const needsDot = match?.[1] !== undefined && at > 0;
		if (!match || needsDot !== text.startsWith('.', at)) return null;
		const [whole, name, index, double, single] = match;
		if (index !== undefined) steps.push(Number(index));
		else steps.push(name?.trim() ?? (double ?? single ?? '').replace(/\\(.)/gsu, '$1'));
		at += whole.length;
	}
	return steps;
}

/** The value at a path, or undefined where there is none. */
export function valueAt(value: unknown, path: JsonPath): unknown {
	let here = value;
	for (const step of path) {
		if (typeof here !== 'object' || here === null) return undefined;
		const name = String(step);
		// A list has its places, but not its length: that is no part of the answer.
		if (Array.isArray(here) && !/^\d+$/.test(name)) return undefined;
		if (!Object.hasOwn(here, name)) return undefined;
		here = (here as Record<string, unknown>)[name];
	}
	return here;
}
