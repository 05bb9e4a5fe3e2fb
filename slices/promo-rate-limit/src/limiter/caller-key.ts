import { isIP } from 'node:net';
import type { Request } from 'express';

/** An IPv4 address at the end stands for the last two of eight groups, which are no part of the network. */
const groupsOf = (half: string): string[] =>
  half === '' ? [] : half.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));

/** The first four groups of an IPv6 address, in full. */
const networkOf = (address: string): string => {
  const [head = '', tail] = address.split('::');
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
};

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * What counts as one client address: an IPv4 address, or the /64 network of an IPv6 address, because one client can use
 * all addresses of its network. What a trusted proxy forwards may be no address at all.
 */
const addressKey = (ip: string | undefined): string => {
  if (ip === undefined) return 'address:unknown';
  const address = MAPPED.exec(ip)?.[1] ?? ip;
  const version = isIP(address);
  if (version === 0) return 'address:unknown';
  return version === 4 ? `address:${address}` : `address:${networkOf(address)}::/64`;
};

/**
 * Whose bucket a request takes from: its caller's once the caller is known, its client address's before that and on
 * routes that ask for nobody. The address is Express's `req.ip`, which believes only proxies that `TRUST_PROXY` names.
 */
export const callerKey = ({ caller, ip }: Pick<Request, 'caller' | 'ip'>): string => {
  if (caller === undefined) return addressKey(ip);
  return caller.role === 'shopper' ? `shopper:${caller.userId}` : caller.role;
};
