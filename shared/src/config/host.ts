import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine can reach a server that listens on this address. */
export const isLoopback = (host: string): boolean => {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
};

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

// A last label of digits alone is a mistyped address: names never end in one (RFC 1123, section 2.1).
const isHostName = (text: string): boolean =>
  text.length <= 253 && text.split('.').every((each) => label.test(each)) && !/(?:^|\.)\d+$/.test(text);

/** An IPv4 or IPv6 address, or a host name: neither a port nor brackets belong to it. */
export const host = () =>
  z
    .string()
    .refine(
      (text) => isIP(text) !== 0 || isHostName(text),
      'must be an IP address or a host name, without scheme, brackets or port',
    );
