import { isIP } from 'node:net';
import { z } from 'zod';

const namedRanges = ['loopback', 'linklocal', 'uniquelocal'];
const bitsOf = new Map([
  [4, 32],
  [6, 128],
]);

const isNetwork = (entry: string): boolean => {
  const [address = '', prefix, ...rest] = entry.split('/');
  const bits = bitsOf.get(isIP(address));
  if (bits === undefined || rest.length > 0) return false;
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= bits);
};

const isHopCount = (text: string): boolean => /^[1-9]\d?$/.test(text);

const split = (text: string): string[] => text.split(',').map((entry) => entry.trim());

/**
 * Express's `trust proxy`: the number of proxies in front of the server, or their addresses, networks and named ranges,
 * separated by commas.
 */
export const trustedProxies = () =>
  z
    .string()
    .refine(
      (text) =>
        isHopCount(text) || split(text).every((entry) => namedRanges.includes(entry) || isNetwork(entry)),
      `must be the number of proxies in front of the server, or their addresses or networks (10.0.0.0/8, ${namedRanges.join(', ')}) separated by commas`,
    )
    .transform((text): number | readonly string[] => (isHopCount(text) ? Number(text) : split(text)));
