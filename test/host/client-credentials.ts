import type { N8nClient } from './client';
import type { Credential, CredentialTestResult, JsonObject } from './types';

/** Credentials of an n8n. */
export class Credentials {
	constructor(private readonly client: N8nClient) {}

	/** Saves a new credential. */
	async create(name: string, type: string, data: JsonObject): Promise<Credential> {
		return await this.client.request('POST', '/credentials', { name, type, data });
	}

	/** All credentials, without their data. */
	async list(): Promise<Credential[]> {
		return await this.client.request('GET', '/credentials');
	}

	/** The credential of this name and type, made when there is none. */
	async ensure(name: string, type: string, data: JsonObject): Promise<Credential> {
		const existing = (await this.list()).find((one) => one.name === name && one.type === type);
		return existing ?? (await this.create(name, type, data));
	}

	/** A credential with its data; secret fields are blanked out by n8n. */
	async get(id: string): Promise<Credential & { data: JsonObject }> {
		return await this.client.request('GET', `/credentials/${id}`, undefined, {
			params: { includeData: 'true' },
		});
	}

	/** Presses the test button of a saved credential. */
	async test(id: string): Promise<CredentialTestResult> {
		const { name, type, data } = await this.get(id);
		return await this.client.request('POST', '/credentials/test', {
			credentials: { id, name, type, data },
		});
	}

	/** Tests data that is not saved (yet). */
	async testData(type: string, data: JsonObject): Promise<CredentialTestResult> {
		return await this.client.request('POST', '/credentials/test', {
			credentials: { id: '', name: 'Test', type, data },
		});
	}

	/** Deletes a credential. */
	async delete(id: string): Promise<void> {
		await this.client.request('DELETE', `/credentials/${id}`);
	}
}
