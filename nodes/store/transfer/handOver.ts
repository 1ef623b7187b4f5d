/**
 * What a producer gives piece by piece, as a generator. The producer goes on when the reader asks for
 * the next piece, so that nothing piles up where the reader is slower; it is told by a rejection when
 * the reader has gone.
 *
 * @param produce is given the function that hands one piece over
 * @returns what `produce` returned
 */
export async function* handOver<T, R>(
	produce: (give: (piece: T) => Promise<void>) => Promise<R>,
): AsyncGenerator<T, R, void> {
	type Turn = { piece: T } | undefined;
	let offer!: (turn: Turn) => void;
	let goOn: () => void = () => {};
	let stop: (reason: Error) => void = () => {};
	let next = new Promise<Turn>((resolve) => {
		offer = resolve;
	});
	let gone = false;
	const produced = produce(async (piece) => {
		if (gone) throw readerGone();
		await new Promise<void>((resolve, reject) => {
			goOn = resolve;
			stop = reject;
			offer({ piece });
		});
	});
	const end = () => offer(undefined);
	produced.then(end, end);
	try {
		for (let turn = await next; turn; turn = await next) {
			next = new Promise((resolve) => {
				offer = resolve;
			});
			yield turn.piece;
			goOn();
		}
		return await produced;
	} finally {
		gone = true;
		stop(readerGone());
		// Whatever it holds (a transaction, a connection) is given back before the reader goes on.
		await Promise.allSettled([produced]);
	}
}

const readerGone = () => new Error('Nobody reads this any more');
