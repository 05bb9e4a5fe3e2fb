import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callerKey } from '../src/index.ts';

const keyOf = (ip: string | undefined): string => callerKey({ caller: undefined, ip });
const KEY = /^address:(.+)\/64$/;

describe('the key of a client address', () => {
  test.each([
    ['203.0.113.7', 'address:203.0.113.7'],
    ['::ffff:203.0.113.7', 'address:203.0.113.7'],
    ['::FFFF:203.0.113.7', 'address:203.0.113.7'],
    ['2001:db8::1', 'address:2001:db8:0:0::/64'],
    ['2001:0DB8:0:0:ffff::', 'address:2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'address:fe80:0:0:0::/64'],
    ['unknown', 'address:unknown'],
    ['1.2.3.4, 5.6.7.8', 'address:unknown'],
    [undefined, 'address:unknown'],
  ])('of %s is %s', (ip, key) => {
    expect(keyOf(ip)).toBe(key);
  });

  test('is the /64 network of an IPv6 address, however it is written', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (address, other) => {
        const network = new BlockList();
        network.addSubnet(KEY.exec(keyOf(address))?.[1] ?? '', 64, 'ipv6');
        expect(network.check(address, 'ipv6')).toBe(true);
        expect(keyOf(other) === keyOf(address)).toBe(network.check(other, 'ipv6'));
      }),
      { numRuns: 2000 },
    );
  });
});

test('a known caller pays from a bucket of their own, wherever they are', () => {
  const shopper = { caller: { role: 'shopper', userId: 7, permissions: new Set<never>() } } as const;
  expect(callerKey({ ...shopper, ip: '203.0.113.7' })).toBe('shopper:7');
  expect(callerKey({ ...shopper, ip: '2001:db8::1' })).toBe('shopper:7');
  expect(callerKey({ caller: { role: 'operator' }, ip: '203.0.113.7' })).toBe('operator');
});
