import { webhookSecret } from '../../nodes/channels/telegram/bot';
import { tokenOf as chatwootToken } from '../../nodes/channels/chatwoot/verify';
import { registeredSecret } from '../../nodes/channels/evolution/verify';
import { tokenOf as respondIoToken } from '../../nodes/channels/respondio/verify';
import { accountOf } from '../../nodes/channels/viber/account';
import { registeredKey } from '../../nodes/channels/waha/verify';

/**
 * What is derived from a token stands at the providers, or in the IDs of contacts. With another
 * value every webhook that is registered would be refused, and every contact of Viber be a stranger.
 */
describe('what is derived from a token stays the same from version to version', () => {
	const apiKey = 'an API key of some length';
	const apiAccessToken = 'an API token';

	it.each([
		[
			'the secret of Telegram',
			webhookSecret('123456:secret'),
			'980b9a39825dd022a4b35f5316f186958725ae523952548958b245dd1e8d40f3',
		],
		['the account of Viber', accountOf({ authToken: 'a token' }), '8819ffe3f83a'],
		[
			'the key of WAHA',
			registeredKey({ apiKey }),
			'5ec47e9501922fcc804d25aaba1cb5e11e4e0fd039eb32f1c66364ab183e814d',
		],
		[
			'the secret of Evolution API',
			registeredSecret({ apiKey }),
			'22d1b63e883c6b370c1c61e0d826108d0f832ccd042e94d58eb291b9d089f79a',
		],
		[
			'the token in the address for Chatwoot',
			chatwootToken({ apiAccessToken }),
			'KW2EI-mP2ApNVmk0_Lr70dv3BuoT_vlA5R30sQszq-g',
		],
		[
			'the token in the address for respond.io',
			respondIoToken({ apiAccessToken }),
			'yaCB8WNemyI606-sAR4WT1JmJaTHnEblVRSPK5WxklE',
		],
	])('%s', (_what, derived, expected) => {
		expect(derived).toBe(expected);
	});
});
