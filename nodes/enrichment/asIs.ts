/** For `throw asIs(error)`: what was caught goes on unchanged. A cast, for the compiler and the linter. */
export const asIs = (error: unknown) => error as Error;
