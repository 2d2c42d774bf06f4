import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { isPublicAddress } from './public-address.ts';

/** IANA's registry of special-purpose IPv4 addresses, multicast, and what clouds put there. */
const special = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32'],
].map((cidr) => ipaddr.IPv4.parseCIDR(cidr));
/** These answer publicly or not at all; either judgement of them is right. */
const either = ['192.31.196.0/24', '192.52.193.0/24', '192.175.48.0/24'].map((cidr) =>
  ipaddr.IPv4.parseCIDR(cidr),
);

const octets = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })));
const specialOctets = fc
  .tuple(fc.constantFrom(...special), octets)
  .map(([[network, bits], random]) =>
    network
      .toByteArray()
      .map(
        (octet, index) =>
          octet | ((random[index] ?? 0) & (255 >> Math.min(8, Math.max(0, bits - 8 * index)))),
      ),
  );

const hex = (bytes: number[]) =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{4})/, '$1:');
const asItself = {
  plain: (bytes: number[]) => bytes.join('.'),
  mapped: (bytes: number[]) => `::ffff:${bytes.join('.')}`,
  mappedHex: (bytes: number[]) => `::FFFF:${hex(bytes)}`,
  mappedLong: (bytes: number[]) => `0:0:0:0:0:ffff:${hex(bytes)}`,
  nat64: (bytes: number[]) => `64:ff9b::${bytes.join('.')}`,
  nat64Hex: (bytes: number[]) => `64:ff9b:0:0:0:0:${hex(bytes)}`,
};
const neverPublic = {
  compatible: (bytes: number[]) => `::${bytes.join('.')}`,
  translated: (bytes: number[]) => `::ffff:0:${bytes.join('.')}`,
  localNat64: (bytes: number[]) => `64:ff9b:1::${bytes.join('.')}`,
  sixToFour: (bytes: number[]) => `2002:${hex(bytes)}::1`,
  teredo: (bytes: number[]) => `2001:0:${hex(bytes)}::`,
};

test('a special IPv4 address is not public, in whatever form', () => {
  const form = fc.constantFrom(...Object.values(asItself), ...Object.values(neverPublic));
  fc.assert(
    fc.property(specialOctets, form, (bytes, write) => {
      expect(isPublicAddress(write(bytes))).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test('any other IPv4 address is, in the forms that stand for itself, and only in those', () => {
  const isIn = (ranges: typeof special, bytes: number[]) =>
    ranges.some((range) => new ipaddr.IPv4(bytes).match(range));
  const ordinary = octets.filter((bytes) => !isIn([...special, ...either], bytes));
  fc.assert(
    fc.property(
      ordinary,
      fc.constantFrom(...Object.values(asItself)),
      fc.constantFrom(...Object.values(neverPublic)),
      (bytes, write, hide) => {
        expect(isPublicAddress(write(bytes))).toBe(true);
        expect(isPublicAddress(hide(bytes))).toBe(false);
      },
    ),
    { numRuns: 2000 },
  );
});

test('no IPv6 address outside 2000::/3 is public', () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const groups = fc.array(group, { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(groups, (all) => {
      const isOutside = (all[0] ?? 0) >> 13 !== 1 && all[0] !== 0x64 && all[0] !== 0;
      fc.pre(isOutside);
      expect(isPublicAddress(all.map((each) => each.toString(16)).join(':'))).toBe(false);
    }),
  );
});

test.each([
  ['fd00:ec2::254', false],
  ['fd20:ce::254', false],
  ['169.254.169.254', false],
  ['100.100.100.200', false],
  ['192.0.0.192', false],
  ['::', false],
  ['::1', false],
  ['fe80::1', false],
  ['fe80::1%eth0', false],
  ['fec0::1', false],
  ['ff02::1', false],
  ['2001:db8::1', false],
  ['255.255.255.255', false],
  ['localhost', false],
  ['127.1', false],
  ['2130706433', false],
  ['', false],
  ['1.1.1.1', true],
  ['93.184.216.34', true],
  ['2606:4700:4700::1111', true],
])('%s: %s', (address, isPublic) => expect(isPublicAddress(address)).toBe(isPublic));
