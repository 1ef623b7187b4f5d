/** What customers write and what operators look for: made comparable, and looked for. */
export { asciiDigits, comparable, exactText, normalizeText } from './normalize';
export { findMention, mentions, type MentionOptions } from './keywords';
