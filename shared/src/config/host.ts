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

// A name whose last label is all digits is a mistyped address (RFC 1123, section 2.1).
const isHostName = (text: string): boolean =>
  text.length <= 253 && text.split('.').every((each) => label.test(each)) && !/(?:^|\.)\d+$/.test(text);

/** An IPv4 or IPv6 address or a host name, without port or brackets. */
export const host = () =>
  z
    .string()
    .refine(
      (text) => isIP(text) !== 0 || isHostName(text),
      'must be an IP address or a host name, without scheme, brackets or port',
    );
