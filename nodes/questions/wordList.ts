/** A list of words that stays readable: "today|hoy|hari ini". */
export const words = (list: string): string[] => list.split('|');
