import type { Attachment } from '../channel';
import { content, writtenOf, type Content } from '../content';
import { fieldsOf, listOf, present, textOf, webAddress, type Fields } from '../fields';

/**
 * Reads a message object of a webhook (Messaging API, "Message event"). A content that cannot be
 * read leaves the mark of its type, since the customer did write.
 *
 * @param id of the message: also the one that its file is fetched with
 */
export function contentOf(message: Fields, id: string): Content {
	switch (message.type) {
		case 'text':
			return content('text', writtenOf(message.text));
		case 'image':
		case 'video':
		case 'audio':
			return content(message.type, undefined, [mediaOf(message.type, message, id)]);
		case 'file':
			return content('document', textOf(message.fileName), [
				present({
					type: 'document',
					id,
					fileName: textOf(message.fileName),
					details: detailsOf({ size: message.fileSize }),
				}),
			]);
		case 'location': {
			const words = [textOf(message.title), textOf(message.address)];
			const text = words.filter((word) => word !== undefined).join(', ');
			return content('location', textOf(text), [
				present({
					type: 'location',
					details: detailsOf({
						latitude: message.latitude,
						longitude: message.longitude,
						title: textOf(message.title),
						address: textOf(message.address),
					}),
				}),
			]);
		}
		case 'sticker':
			return content('sticker', writtenOf(message.text), [
				present({
					type: 'sticker',
					id: textOf(message.stickerId),
					details: detailsOf({
						packageId: textOf(message.packageId),
						resourceType: textOf(message.stickerResourceType),
						keywords: keywordsOf(message.keywords),
					}),
				}),
			]);
		default:
			return content('unsupported', undefined);
	}
}

/** LINE keeps the files of its users; a file that a LIFF app sent lies at an address of its own. */
function mediaOf(type: string, message: Fields, id: string): Attachment {
	const provider = fieldsOf(message.contentProvider);
	const external = provider?.type === 'external';
	return present({
		type,
		id: external ? undefined : id,
		url: external ? webAddress(provider.originalContentUrl) : undefined,
		details: detailsOf({
			duration: message.duration,
			imageSet: fieldsOf(message.imageSet),
		}),
	});
}

function keywordsOf(value: unknown): string[] | undefined {
	const keywords = listOf(value).filter((word): word is string => typeof word === 'string');
	return keywords.length > 0 ? keywords : undefined;
}

function detailsOf(fields: Fields): Fields | undefined {
	const details = present(fields);
	return Object.keys(details).length > 0 ? details : undefined;
}
