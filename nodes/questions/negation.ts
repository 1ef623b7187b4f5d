import { findMention } from '../decisions/text';
import { words } from './wordList';

/** Without a bare "no", which begins many an answer: "no, sales please". */
const NEGATIONS = [
	...words("not|don't|dont|doesn't|never|nicht|kein*|pas|no quiero|no necesito|não|tidak|bukan"),
	...words('не|değil|لا أريد|لا اريد|مش|ليس|مو|ما أبغى|ما أريد|ما بدي|نمی‌خواهم|نہیں|לא רוצה'),
	...words('नहीं|不要|不想|不是|別|别|ではなく|じゃない|아니라|말고'),
];

/** Whether a text says what it does not mean: "not today", "I don't want sales". */
export const isNegated = (text: string): boolean => findMention(text, NEGATIONS) !== null;
