import { fieldsOf, listOf } from '../fields';
import type { OutboundButton } from '../sending';

/** Viber REST API, "Send Message", `tracking_data`. */
const LONGEST_TRACKING = 4000;

/**
 * Which title belongs to which ID, for Viber to keep. A button that is pressed comes back as a text
 * that the contact sees as its own, so that text is the title; what was sent as `tracking_data` comes
 * back beside it. Too many long buttons do not fit: then only their titles come back.
 */
export function trackingOf(buttons: OutboundButton[]): string | undefined {
	const choices = buttons.filter(({ url }) => url === undefined);
	if (choices.length === 0) return undefined;
	const tracking = JSON.stringify({ buttons: choices.map(({ id, title }) => [id, title]) });
	return tracking.length <= LONGEST_TRACKING ? tracking : undefined;
}

/** The ID of the button with this title, if what came back knows one. */
export function pressedId(tracking: unknown, title: unknown): string | undefined {
	if (typeof tracking !== 'string' || typeof title !== 'string') return undefined;
	for (const button of listOf(fieldsOf(readJson(tracking))?.buttons)) {
		const [id, named] = listOf(button);
		if (named === title && typeof id === 'string' && id !== '') return id;
	}
	return undefined;
}

function readJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		// Another program may track in its own way.
		return undefined;
	}
}
