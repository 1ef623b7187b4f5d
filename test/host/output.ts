/** Writes a line. */
export function print(line = ''): void {
	process.stdout.write(`${line}\n`);
}

/** Writes rows of two columns, the second one to the right of the longest first one. */
export function printRows(title: string, rows: Array<[string, string]>): void {
	const width = Math.max(...rows.map(([label]) => label.length));
	print();
	print(title);
	for (const [label, value] of rows) print(`  ${label.padEnd(width)}  ${value}`);
}

/** Does a step and says what it was and how long it took. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
	process.stdout.write(`${what} ... `);
	const started = Date.now();
	try {
		const result = await work();
		print(`${((Date.now() - started) / 1000).toFixed(1)} s`);
		return result;
	} catch (error) {
		print('failed');
		return await Promise.reject(error as Error);
	}
}
