/** Lets one holder in at a time, in the order of asking. */
export class Mutex {
	private tail: Promise<void> = Promise.resolve();

	/** Resolves with the function that lets the next one in. */
	async acquire(): Promise<() => void> {
		let release!: () => void;
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		const before = this.tail;
		this.tail = before.then(async () => await held);
		await before;
		return release;
	}
}
