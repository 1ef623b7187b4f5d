interface Entry {
	at: number;
	/** In which order it was written down: of several at one moment, the first goes first. */
	order: number;
	act: () => Promise<void>;
}

/** What is to happen, and when; the clock jumps from one to the next. A binary heap. */
export class Timetable {
	/** Milliseconds since 1970. */
	now = 0;
	private readonly entries: Entry[] = [];
	private order = 0;

	/** What lies in the past is over, and does not happen. */
	at(at: number, act: () => Promise<void>): void {
		if (at < this.now) return;
		const { entries } = this;
		let place = entries.push({ at, order: this.order++, act }) - 1;
		for (let above = (place - 1) >> 1; place > 0; above = (place - 1) >> 1) {
			if (!this.swapped(above, place)) break;
			place = above;
		}
	}

	/** @returns whether there was anything */
	async next(): Promise<boolean> {
		const { entries } = this;
		const [first] = entries;
		const last = entries.pop();
		if (!first || !last) return false;
		if (first !== last) {
			entries[0] = last;
			this.sink();
		}
		this.now = first.at;
		await first.act();
		return true;
	}

	private sink(): void {
		for (let place = 0; ;) {
			const [left, right] = [2 * place + 1, 2 * place + 2];
			const first = this.isBefore(right, left) ? right : left;
			if (!this.swapped(place, first)) return;
			place = first;
		}
	}

	/** Brings the earlier of two to the place above. */
	private swapped(above: number, below: number): boolean {
		if (!this.isBefore(below, above)) return false;
		const { entries } = this;
		[entries[above], entries[below]] = [entries[below]!, entries[above]!];
		return true;
	}

	private isBefore(a: number, b: number): boolean {
		const [one, other] = [this.entries[a], this.entries[b]];
		if (!one || !other) return one !== undefined;
		return one.at < other.at || (one.at === other.at && one.order < other.order);
	}
}
