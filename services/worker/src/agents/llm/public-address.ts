import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Azure's platform service: its range is public, what answers there is the machine's own. */
const hostServices = new Set(['168.63.129.16']);
/** IPv4-compatible, deprecated by RFC 4291 (2.5.5.1): ipaddr.js takes it for the mapped one, which is another address. */
const compatible = /^::\d+\./;

/**
 * Whether an address is one of the public internet. An IPv4 address inside an IPv6 one (mapped, or NAT64 by RFC 6052) is judged as
 * itself. What is special in any way is not public: the IANA registries of special-purpose addresses, RFC 6890.
 */
export function isPublicAddress(text: string): boolean {
  if (isIP(text) === 0 || compatible.test(text)) return false;
  const address = unwrapped(ipaddr.parse(text));
  if (address.range() !== 'unicast' || hostServices.has(address.toString())) return false;
  return address.kind() === 'ipv4' || isGlobalUnicast(address.toByteArray());
}

function unwrapped(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!('isIPv4MappedAddress' in address)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const isNat64 = address.match(ipaddr.IPv6.parse('64:ff9b::'), 96);
  return isNat64 ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}

/** 2000::/3 is all that was ever given out (RFC 4291, 2.4). */
const isGlobalUnicast = ([first = 0]: readonly number[]): boolean => first >> 5 === 1;
