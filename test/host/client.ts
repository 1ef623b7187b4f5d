import axios, { type AxiosInstance } from 'axios';
import { randomUUID } from 'node:crypto';

import { Credentials } from './client-credentials';
import { Executions } from './client-executions';
import { NodeTypes } from './client-node-types';
import { Workflows } from './client-workflows';
import { PushConnection } from './push';

/** The account of the person who runs the instance. */
export interface Owner {
	email: string;
	password: string;
	firstName?: string;
	lastName?: string;
}

const REQUEST_TIMEOUT = 60_000;

/** An answer of n8n that says no, with what it said. */
export class N8nError extends Error {
	constructor(
		readonly status: number,
		message: string,
		readonly body: unknown,
	) {
		super(message);
	}
}

/** Speaks with n8n as its editor does: same addresses, same bodies, a session cookie. */
export class N8nClient {
	readonly credentials: Credentials;

	readonly executions: Executions;

	readonly nodeTypes: NodeTypes;

	readonly workflows: Workflows;

	private readonly http: AxiosInstance;

	/** n8n ties a session to the browser that logged in; so it has to stay the same. */
	private readonly browserId = randomUUID();

	private cookie = '';

	/** @param url - address of n8n without a slash at the end */
	constructor(readonly url: string) {
		this.http = axios.create({
			baseURL: `${url}/rest`,
			timeout: REQUEST_TIMEOUT,
			validateStatus: () => true,
			maxRedirects: 0,
			proxy: false,
		});
		this.nodeTypes = new NodeTypes(this);
		this.credentials = new Credentials(this);
		this.executions = new Executions(this);
		this.workflows = new Workflows(this);
	}

	/** Headers that prove who asks. */
	get headers(): Record<string, string> {
		return { 'browser-id': this.browserId, ...(this.cookie ? { cookie: this.cookie } : {}) };
	}

	/** Sends a request to `/rest` and returns the `data` of its answer. */
	async request<T>(
		method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT',
		path: string,
		body?: unknown,
		options: { params?: Record<string, string>; pushRef?: string } = {},
	): Promise<T> {
		const { params, pushRef } = options;
		const response = await this.http.request<{ data?: T; message?: string }>({
			method,
			url: path,
			data: body,
			params,
			headers: { ...this.headers, ...(pushRef ? { 'push-ref': pushRef } : {}) },
		});
		const setCookie = response.headers['set-cookie']?.find((text) => text.startsWith('n8n-auth='));
		if (setCookie) this.cookie = setCookie.split(';')[0] ?? '';
		if (response.status >= 400) {
			const said = response.data?.message ?? JSON.stringify(response.data);
			const text = `n8n answered ${response.status} to ${method} /rest${path}: ${said}`;
			throw new N8nError(response.status, text, response.data);
		}
		return (response.data as { data: T }).data;
	}

	/** Whether the instance still waits for its owner account. */
	async needsOwner(): Promise<boolean> {
		const settings = await this.request<{
			userManagement: { showSetupOnFirstLoad?: boolean };
		}>('GET', '/settings');
		return settings.userManagement.showSetupOnFirstLoad === true;
	}

	/** Creates the owner of a new instance and logs in. */
	async setUpOwner({ firstName = 'Demo', lastName = 'Owner', ...owner }: Owner): Promise<void> {
		await this.request('POST', '/owner/setup', { ...owner, firstName, lastName });
	}

	/** Logs in. */
	async login({ email, password }: Owner): Promise<void> {
		await this.request('POST', '/login', { emailOrLdapLoginId: email, password });
	}

	/** Creates the owner when there is none yet, else logs in. */
	async enter(owner: Owner): Promise<void> {
		if (await this.needsOwner()) await this.setUpOwner(owner);
		else await this.login(owner);
	}

	/** Opens the connection that tells the results of manual runs. Close it when done. */
	async openPush(pushRef: string = randomUUID()): Promise<PushConnection> {
		return await PushConnection.open(this.url, pushRef, this.headers);
	}
}
