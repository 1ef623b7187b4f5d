import fc from 'fast-check';
import { addressKind, isAllowedHost, checkAddress } from '../../nodes/enrichment/lookupAddress';

describe('the address of a look-up', () => {
	test.each([
		[
			'public',
			[
				'8.8.8.8',
				'172.32.0.1',
				'100.128.0.1',
				'2606:4700::1111',
				'::ffff:8.8.8.8',
				'64:ff9b::808:808',
			],
		],
		[
			'private',
			[
				'10.0.0.1',
				'127.0.0.1',
				'127.255.255.254',
				'172.16.0.1',
				'172.31.255.255',
				'192.168.1.1',
				'100.64.0.1',
				'100.127.255.255',
				'198.18.0.1',
				'::1',
				'fc00::1',
				'fd12:3456::1',
				'::ffff:10.0.0.1',
				'::ffff:7f00:1',
				'64:ff9b::a00:1',
				'64:ff9b::127.0.0.1',
				'64:ff9b:0:0:0:0:c0a8:101',
			],
		],
		[
			'never',
			[
				'0.0.0.0',
				'0.1.2.3',
				'169.254.169.254',
				'169.254.1.1',
				'224.0.0.1',
				'255.255.255.255',
				'192.0.2.1',
				'203.0.113.9',
				'::',
				'::ffff:169.254.169.254',
				'fe80::1',
				'fe80::1%eth0',
				'ff02::1',
				'fd00:ec2::254',
				'2002:a00:1::',
				'2001:0:1::',
				'64:ff9b::a9fe:a9fe',
				'64:ff9b::',
				'64:ff9b:1::a00:1',
				'localhost',
				'',
				'1.2.3',
			],
		],
	])('is %s', (kind, addresses) => {
		expect(addresses.map((address) => [address, addressKind(address)])).toEqual(
			addresses.map((address) => [address, kind]),
		);
	});

	test('is judged alike in IPv4, mapped into IPv6, and behind NAT64', () => {
		fc.assert(
			fc.property(fc.ipV4(), (address) => {
				expect(addressKind(`::ffff:${address}`)).toBe(addressKind(address));
				expect(addressKind(`64:ff9b::${address}`)).toBe(addressKind(address));
			}),
		);
	});

	const refusal = async (url: string, addresses: string[], allowPrivate = false) => {
		const resolve = async () => await Promise.resolve(addresses);
		const checked = await checkAddress(new URL(url), { allowPrivate, resolve });
		if ('refusal' in checked) return checked.refusal;
		expect(checked.addresses.length).toBeGreaterThan(0);
		return null;
	};

	test('is refused when one of a name’s addresses is', async () => {
		expect(await refusal('https://crm.example.com', ['8.8.8.8', '2606:4700::1111'])).toBeNull();
		expect(await refusal('https://crm.example.com', ['8.8.8.8', '10.0.0.1'])).toMatch(/private/);
		expect(await refusal('https://crm.example.com', ['8.8.8.8', '10.0.0.1'], true)).toBeNull();
		expect(await refusal('https://crm.example.com', ['8.8.8.8', 'fe80::1'], true)).toMatch(/never/);
		expect(await refusal('https://crm.example.com', [])).toMatch(/never/);
	});

	test('is read as a browser reads it', async () => {
		for (const host of [
			'0x7f000001',
			'017700000001',
			'2130706433',
			'127.1',
			'[::1]',
			'[::ffff:7f00:1]',
		]) {
			expect(await refusal(`http://${host}/`, [])).toMatch(/private/);
			expect(await refusal(`http://${host}/`, [], true)).toBeNull();
		}
		expect(await refusal('http://[::ffff:a9fe:a9fe]/', [], true)).toMatch(/never/);
	});

	test.each([
		[[], 'any.example.com', true],
		[['api.example.com'], 'api.example.com', true],
		[[' API.Example.com. '], 'api.example.com', true],
		[['api.example.com'], 'api.example.com.', true],
		[['example.com'], 'api.example.com', false],
		[['*.example.com'], 'a.b.example.com', true],
		[['*.example.com'], 'example.com', false],
		[['*.example.com'], 'badexample.com', false],
		[['*.example.com', 'other.com'], 'other.com.evil.com', false],
	])('of the hosts %j, %s is allowed: %s', (allowed, host, expected) => {
		expect(isAllowedHost(host, allowed)).toBe(expected);
	});
});
