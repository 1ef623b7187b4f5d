import { addressOf } from './address';
import { valueOf, wordsOf, type Form } from './form';

/** What a message says about whether its sender wants messages. */
export type Wish = 'stop' | 'start' | 'help';

/**
 * Words that Twilio itself acts on when a text message holds nothing else ("Twilio support for
 * opt-out keywords"): after one of the first it refuses to send (error 21610).
 */
const STOP = ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT'];
const START = ['START', 'UNSTOP', 'YES'];

/**
 * On other networks Twilio does not act on words by itself, and nothing would tell a customer who
 * answered "cancel" that no answer will come. So there only words that can mean nothing else count.
 */
const PLAIN_STOP = ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'OPTOUT'];
const PLAIN_START = ['START', 'UNSTOP'];

/**
 * The sender's wish, and whether Twilio acted on it. `OptOutType` comes where the Messaging Service
 * has Advanced Opt-Out: then it decides, in whatever language the words are.
 */
export function wishOf(form: Form): { wish: Wish; isHandled: boolean } | undefined {
	switch (wordsOf(form, 'OptOutType')?.toUpperCase()) {
		case 'STOP':
			return { wish: 'stop', isHandled: true };
		case 'START':
			return { wish: 'start', isHandled: true };
		case 'HELP':
			return { wish: 'help', isHandled: true };
	}
	const word = wordsOf(form, 'Body')?.toUpperCase();
	if (word === undefined) return undefined;
	const isSms = addressOf(valueOf(form, 'From'))?.prefix === '';
	if ((isSms ? STOP : PLAIN_STOP).includes(word)) return { wish: 'stop', isHandled: false };
	if ((isSms ? START : PLAIN_START).includes(word)) return { wish: 'start', isHandled: false };
	return undefined;
}
