import type { Attachment } from './channel';

/** The ID of the button that was pressed, where the channel keeps it among the attachments. */
export const choiceIn = (attachments: Attachment[]): string | undefined =>
	attachments.find(({ type }) => type === 'button')?.id;
