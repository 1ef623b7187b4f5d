import { normalizeText } from '../decisions/text';
import { words } from './wordList';

/**
 * Languages whose month names are understood. Arabic with those of the Maghreb and the Levant,
 * which have names of their own.
 */
const LANGUAGES = words('ar|ar-DZ|ar-MA|ar-SY|de|en|es|fa|fr|he|hi|id|it|nl|pl|pt|ru|tr|uk|ur');

const SHAPES: Intl.DateTimeFormatOptions[] = [
	{ month: 'long' },
	{ month: 'short' },
	// Beside a day many languages have another form: январь, 5 января.
	{ month: 'long', day: 'numeric' },
	{ month: 'short', day: 'numeric' },
];

/** As people write besides what CLDR has. */
const MORE: Record<string, number> = { sept: 9, اغسطس: 8, ابريل: 4 };

/**
 * Normalised name, of one word or two, to the month's number, 1 to 12. From the CLDR data of the
 * runtime; a name that means two months in two languages is left out.
 */
export const MONTHS: ReadonlyMap<string, number> = monthNames();

function monthNames(): Map<string, number> {
	const found = new Map<string, Set<number>>();
	for (const language of LANGUAGES) {
		for (const shape of SHAPES) {
			const format = new Intl.DateTimeFormat(language, {
				...shape,
				calendar: 'gregory',
				numberingSystem: 'latn',
				timeZone: 'UTC',
			});
			for (let month = 1; month <= 12; month++) {
				const part = format
					.formatToParts(Date.UTC(2025, month - 1, 15))
					.find(({ type }) => type === 'month');
				const name = monthWord(part?.value ?? '');
				if (/^\p{L}[\p{L}\p{M} ]+$/u.test(name)) {
					found.set(name, (found.get(name) ?? new Set()).add(month));
				}
			}
		}
	}
	const names = [...found].flatMap(([name, [month, another]]): Array<[string, number]> =>
		month === undefined || another !== undefined ? [] : [[name, month]],
	);
	return new Map([...names, ...Object.entries(MORE)]);
}

/**
 * Days from today, in the words of the languages that customers write; dialects of Arabic too.
 * Hindi कल and Urdu کل are tomorrow and yesterday alike, so nobody can tell.
 */
export const DAYS: Readonly<Record<string, number>> = Object.fromEntries(
	Object.entries({
		[-1]: [
			...words('yesterday|ayer|ontem|hier|gestern|ieri|gisteren|wczoraj|kemarin|вчера'),
			...words('вчора|dün|أمس|امبارح|البارحة|دیروز|אתמול|昨天|昨日|きのう|어제'),
		],
		[0]: [
			...words("today|hoy|hoje|aujourd'hui|heute|oggi|vandaag|dzisiaj|hari ini|сегодня"),
			...words('сьогодні|bugün|اليوم|النهاردة|النهارده|امروز|آج|היום|आज|今天|今日|きょう|오늘'),
			...words('วันนี้|hôm nay'),
		],
		[1]: [
			...words('tomorrow|tmrw|tmr|mañana|amanhã|demain|morgen|domani|jutro|besok|завтра'),
			...words('yarın|غدا|غداً|بكرة|بكره|بكرا|باكر|فردا|מחר|明天|明日|あした|내일|พรุ่งนี้'),
			...words('ngày mai'),
		],
		[2]: [
			...words('day after tomorrow|pasado mañana|depois de amanhã|après-demain'),
			...words('übermorgen|dopodomani|overmorgen|pojutrze|lusa|послезавтра|післязавтра'),
			...words('öbür gün|بعد غد|بعد الغد|بعد بكرة|بعد بكره|پس‌فردا|پس فردا|מחרתיים|后天|後天'),
			...words('明後日|あさって|모레'),
		],
	}).flatMap(([days, list]) => list.map((word) => [word, Number(days)])),
);

/** A name without the point or sign that shortens it. */
export function monthWord(name: string): string {
	return normalizeText(name).replace(/[.׳'॰]/gu, '');
}
