/** Gives the smallest first; what is equal in no particular order. */
export class MinHeap<T> {
	private readonly items: T[] = [];

	constructor(private readonly compare: (a: T, b: T) => number) {}

	get first(): T | undefined {
		return this.items[0];
	}

	push(item: T): void {
		const { items } = this;
		let at = items.push(item) - 1;
		while (at > 0) {
			const above = (at - 1) >> 1;
			if (this.compare(items[at]!, items[above]!) >= 0) return;
			this.swap(at, above);
			at = above;
		}
	}

	pop(): T | undefined {
		const { items } = this;
		const [first] = items;
		const last = items.pop();
		if (items.length === 0 || last === undefined) return first;
		items[0] = last;
		for (let at = 0; ;) {
			const left = 2 * at + 1;
			const right = left + 1;
			let least = at;
			if (left < items.length && this.compare(items[left]!, items[least]!) < 0) least = left;
			if (right < items.length && this.compare(items[right]!, items[least]!) < 0) least = right;
			if (least === at) return first;
			this.swap(at, least);
			at = least;
		}
	}

	private swap(a: number, b: number): void {
		[this.items[a], this.items[b]] = [this.items[b]!, this.items[a]!];
	}
}
