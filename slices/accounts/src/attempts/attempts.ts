import { isIPv6 } from 'node:net';
import { ProblemError, rateLimited } from '@lab/shared/http';
import { type AttemptLimiter, type AttemptOptions, createAttemptLimiter } from './attempt-limiter.ts';

/** Names who sends: a network of IPv6 counts as one client, because it gives each of them any number of addresses. */
export const clientKeyOf = (ip: string | undefined): string => {
  if (ip === undefined) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(ip)) return ip;
  const [head = '', tail] = ip.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const missing = tail === undefined ? [] : Array<string>(8).fill('0');
  return `${[...groups, ...missing].slice(0, 4).join(':')}::/64`;
};

export interface AttemptLimiters {
  /** Guesses at one account, from wherever they come. */
  readonly byAddress: AttemptLimiter;
  /** Attempts of one client, at whichever accounts. */
  readonly byClient: AttemptLimiter;
  /** Mails to one address. */
  readonly byRecipient: AttemptLimiter;
}

export type AttemptLimits = Readonly<Record<keyof AttemptLimiters, AttemptOptions>>;

/** Limiters in the memory of this process. */
export const createAttemptLimiters = (
  deps: { readonly now: () => Date },
  { byAddress, byClient, byRecipient }: AttemptLimits,
): AttemptLimiters => ({
  byAddress: createAttemptLimiter(deps, byAddress),
  byClient: createAttemptLimiter(deps, byClient),
  byRecipient: createAttemptLimiter(deps, byRecipient),
});

const refuse = (retryAfterMs: number): never => {
  const seconds = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  throw new ProblemError(rateLimited, { headers: { 'Retry-After': seconds } });
};

/** Throttles before anything is looked up, so that a 429 tells nothing about an account either. */
export const createAttempts = ({ byAddress, byClient, byRecipient }: AttemptLimiters) => {
  const takeClient = async (ip: string | undefined): Promise<void> => {
    const decision = await byClient.take(clientKeyOf(ip));
    if (!decision.allowed) refuse(decision.retryAfterMs);
  };

  return {
    takeClient,

    /** Takes an attempt at an account. The result gives it back, for an attempt that succeeded. */
    take: async (ip: string | undefined, address: string): Promise<() => Promise<void>> => {
      await takeClient(ip);
      const decision = await byAddress.take(address);
      if (!decision.allowed) {
        await byClient.giveBack(clientKeyOf(ip));
        refuse(decision.retryAfterMs);
      }
      return async () => {
        await byAddress.giveBack(address);
        await byClient.giveBack(clientKeyOf(ip));
      };
    },

    mayMail: async (address: string): Promise<boolean> => (await byRecipient.take(address)).allowed,
  };
};

export type Attempts = ReturnType<typeof createAttempts>;
