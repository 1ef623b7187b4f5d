import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { StoreResource } from './resource';

const who: INodeProperties = {
	displayName: 'Contact',
	name: 'contact',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. +201001234567',
	description: 'Phone number in international form, e-mail address, or contact key',
};

/** Customers, for whoever answers for their data. */
export const contact: StoreResource = {
	name: 'Contact',
	value: 'contact',
	operations: [
		{
			name: 'Erase',
			value: 'erase',
			action: 'Erase a contact',
			description:
				'Removes messages, names, numbers and everything else personal for good. Counts for reports stay.',
			parameters: [
				{
					displayName:
						'This cannot be undone. An open conversation of the contact is closed. Data that n8n keeps with past executions is not touched.',
					name: 'eraseNotice',
					type: 'notice',
					default: '',
				},
				who,
			],
			run: async (call) => ({
				...(await call.store.eraseContact({ contact: call.text('contact'), source: 'workflow' })),
			}),
		},
		{
			name: 'Get',
			value: 'get',
			action: 'Get a contact',
			description: 'What the store knows of a contact',
			parameters: [who],
			run: async (call) =>
				({ ...(await call.store.findContact(call.text('contact'))) }) as IDataObject,
		},
	],
};
