/** Channel and type of what no contact sees. */
export const COMMENT = 'comment';
