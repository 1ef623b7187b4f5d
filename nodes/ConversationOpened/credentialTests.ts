import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { signingSecretProblem } from '../channels/signedWebhook';

/** A signature has no remote side to ask: the form of the credential is what can be judged. */
export async function testSignedWebhook(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const problem = signingSecretProblem(credential.data ?? {});
	return problem === undefined
		? { status: 'OK', message: 'The signature can be checked with these settings' }
		: { status: 'Error', message: problem };
}
