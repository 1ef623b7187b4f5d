import type { IHookFunctions } from 'n8n-workflow';

/**
 * Whether a webhook is put up or taken down for a test run. n8n says so only when it begins: it ends
 * tests in the way of an edit, and then the webhook itself says what it was.
 */
export function isTestHook(context: IHookFunctions): boolean {
	const { webhookData } = context as unknown as { webhookData?: { isTest?: boolean } };
	return context.getActivationMode() === 'manual' || webhookData?.isTest === true;
}
