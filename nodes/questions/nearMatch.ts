/** A shorter word with another letter is likely another word. */
const SHORTEST_WORD = 5;

/** Scripts whose letters are sounds: in others one sign more or less is another word. */
const ALPHABETIC =
	/^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}]+$/u;

/**
 * Whether normalised texts differ by one typing mistake: a letter too many, missing, wrong, or two
 * that changed places, in one word of at least five letters. One word is looked for in the whole
 * text; several must be the whole text.
 */
export function isNearly(text: string, phrase: string): boolean {
	const words = text.split(' ');
	const wanted = phrase.split(' ');
	if (wanted.length === 1) return words.some((word) => isNearWord(word, phrase));
	if (words.length !== wanted.length) return false;
	const wrong = wanted.flatMap((word, at) => (word === words[at] ? [] : [[words[at]!, word]]));
	return wrong.length === 1 && wrong.every(([a, b]) => isNearWord(a!, b!));
}

function isNearWord(a: string, b: string): boolean {
	if (Math.abs(a.length - b.length) > 1) return false;
	if (Math.min(a.length, b.length) < SHORTEST_WORD) return false;
	if (!ALPHABETIC.test(a) || !ALPHABETIC.test(b)) return false;
	let start = 0;
	while (start < a.length && a[start] === b[start]) start++;
	let end = 0;
	while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
	const [restA, restB] = [a, b].map((word) => word.slice(start, word.length - end));
	if (restA!.length <= 1 && restB!.length <= 1) return true;
	return restA!.length === 2 && restB!.length === 2 && restA === [...restB!].reverse().join('');
}
