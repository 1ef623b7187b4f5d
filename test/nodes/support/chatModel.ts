import {
	NodeConnectionTypes,
	type IConnections,
	type INode,
	type INodeType,
	type INodeTypes,
} from 'n8n-workflow';
import { nodeTypes } from './nodeTypes';

const TYPE = 'test.chatModel';
const { AiLanguageModel } = NodeConnectionTypes;

/** Stands where n8n's chat models stand. */
export const modelNode: INode = {
	id: 'node-model',
	name: 'Chat Model',
	type: TYPE,
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

export const connectionsTo = ({ name }: INode): IConnections => ({
	[modelNode.name]: { [AiLanguageModel]: [[{ node: name, type: AiLanguageModel, index: 0 }]] },
});

/** The pack's nodes, and a chat model that supplies this one. */
export function withModel(model: unknown): INodeTypes {
	const supplying = {
		description: {
			displayName: 'Chat Model',
			name: 'chatModel',
			group: ['transform'],
			version: 1,
			description: '',
			defaults: {},
			inputs: [],
			outputs: [AiLanguageModel],
			properties: [],
		},
		supplyData: async () => ({
			response: typeof model === 'function' ? ((await model()) as unknown) : model,
		}),
	} as unknown as INodeType;
	return {
		...nodeTypes,
		getByName: (type) => (type === TYPE ? supplying : nodeTypes.getByName(type)),
		getByNameAndVersion: (type, version) =>
			type === TYPE ? supplying : nodeTypes.getByNameAndVersion(type, version),
	};
}
