import { BlockList, isIP } from 'node:net';

/**
 * Which addresses a look-up may call. A workflow must not become a way into the network that n8n runs
 * in, whoever wrote the address or owns the name in it.
 *
 * Ranges: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
 */

type Range = [network: string, prefix: number];

/** Networks of a company and of this machine; the credential may open them. */
const PRIVATE: Range[] = [
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['172.16.0.0', 12],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['::1', 128],
	['fc00::', 7],
];

/**
 * No system of customers lives here: link-local with the metadata of clouds, unspecified, documentation,
 * multicast and reserved, and IPv6 that carries an IPv4 address by itself (6to4, Teredo, local NAT64).
 */
const NEVER: Range[] = [
	['0.0.0.0', 8],
	['169.254.0.0', 16],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['224.0.0.0', 4],
	['240.0.0.0', 4],
	['::', 128],
	['64:ff9b:1::', 48],
	['100::', 64],
	['2001::', 32],
	['2001:db8::', 32],
	['2002::', 16],
	['fe80::', 10],
	['fec0::', 10],
	['ff00::', 8],
	// Amazon's metadata in IPv6.
	['fd00:ec2::254', 128],
];

const listOf = (ranges: Range[]) => {
	const list = new BlockList();
	for (const [network, prefix] of ranges) {
		list.addSubnet(network, prefix, isIP(network) === 6 ? 'ipv6' : 'ipv4');
	}
	return list;
};
const privateList = listOf(PRIVATE);
const neverList = listOf(NEVER);

/** `private`: only where the credential allows it. `never`: nowhere. */
export type AddressKind = 'public' | 'private' | 'never';

/** What kind of address this is; what is no IP address is `never`. */
export function addressKind(address: string): AddressKind {
	// A zone says by which card it is reached, and changes nothing else.
	const ip = address.replace(/%.*$/, '');
	const version = isIP(ip);
	if (version === 0) return 'never';
	const behind = version === 6 ? behindNat64(ip) : null;
	if (behind !== null) return addressKind(behind);
	const family = version === 6 ? 'ipv6' : 'ipv4';
	// Node looks at the IPv4 address in one that is mapped (::ffff:127.0.0.1) by itself.
	if (neverList.check(ip, family)) return 'never';
	return privateList.check(ip, family) ? 'private' : 'public';
}

/** The IPv4 address that a network without IPv4 reaches by this one (64:ff9b::/96, RFC 6052). */
function behindNat64(ip: string): string | null {
	const written = new URL(`http://[${ip}]`).hostname;
	const match = /^\[64:ff9b::(?:(?:([\da-f]+):)?([\da-f]+))?\]$/.exec(written);
	if (!match) return null;
	const [high, low] = [match[1], match[2]].map((group) => Number.parseInt(group ?? '0', 16));
	return [high! >> 8, high! & 255, low! >> 8, low! & 255].join('.');
}

/** Finds every address of a name. */
export type Resolve = (name: string) => Promise<string[]>;

/** What may be called; or why nothing may, in a sentence without the address. */
export type CheckedAddress = { addresses: string[] } | { refusal: string };

/**
 * Looks at every address that the name in a URL has. One that must not be called is enough to refuse.
 *
 * @throws what `resolve` throws
 */
export async function checkAddress(
	url: URL,
	{ allowPrivate, resolve }: { allowPrivate: boolean; resolve: Resolve },
): Promise<CheckedAddress> {
	const name = url.hostname.replace(/^\[|\]$/g, '');
	const addresses = isIP(name) === 0 ? await resolve(name) : [name];
	const kinds = addresses.map(addressKind);
	if (kinds.length === 0 || kinds.includes('never')) {
		return {
			refusal: 'The address is one that is never called: of the network itself, or reserved',
		};
	}
	if (kinds.includes('private') && !allowPrivate) {
		return {
			refusal:
				"The address is inside a private network. Switch on 'Allow Private Addresses' in the credential if that is right",
		};
	}
	return { addresses };
}

/** Hosts an operator allows: names, or `*.example.com` for all below one. Empty allows all. */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
	const plain = (name: string) => name.trim().toLowerCase().replace(/\.$/, '');
	const wanted = plain(host);
	return (
		allowed.length === 0 ||
		allowed
			.map(plain)
			.some((name) => (name.startsWith('*.') ? wanted.endsWith(name.slice(1)) : wanted === name))
	);
}
