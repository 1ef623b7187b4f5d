import type { OutboundButton } from '../sending';

/** Messaging API reference, "Action objects". */
export const LONGEST_TITLE = 20;
const LONGEST_DATA = 300;

/** What is left of the data of a postback beside the title. */
export const LONGEST_ID = LONGEST_DATA - LONGEST_TITLE - 1;

/**
 * The data of a button that was sent from here: LINE gives back nothing else when it is pressed, and
 * a conversation is read by the titles that the contact saw. So the title stands behind the ID.
 */
export const dataOf = ({ id, title }: OutboundButton) => `${id}\n${title}`;

/** The two parts of such data; data of other programs, such as rich menus, are ID and title at once. */
export function buttonOf(data: string): { id: string; title: string } {
	const end = data.lastIndexOf('\n');
	const title = data.slice(end + 1);
	return end > 0 && title.trim() !== '' && title.length <= LONGEST_TITLE
		? { id: data.slice(0, end), title }
		: { id: data, title: data };
}
