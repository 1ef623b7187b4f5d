import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { signingSecretProblem } from '../channels/signedWebhook';

/** A signing secret has no remote side to ask: its form is what can be judged. */
export async function testSignedWebhook(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const problem = signingSecretProblem(credential.data?.signingSecret);
	return problem === undefined
		? { status: 'OK', message: 'The secret is usable for signatures' }
		: { status: 'Error', message: problem };
}
