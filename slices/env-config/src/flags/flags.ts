import { AsyncLocalStorage } from 'node:async_hooks';
import { type Client, type EvaluationDetails, type JsonValue, OpenFeature } from '@openfeature/server-sdk';
import type { RequestHandler } from 'express';
import type { Flag } from './evaluation.ts';
import type { FlagSet } from './flag-set.ts';
import { createFlagProvider, type FlagProvider, type ProviderDeps } from './provider.ts';

/** What a slice needs of flags: its port. */
export interface FlagPort {
  /** Whether the flag is on for the user. False for a flag that does not exist or is not boolean. Never rejects. */
  readonly isOn: (key: string, user?: string | number) => Promise<boolean>;
}

export interface Flags extends FlagPort {
  /** The flags in force: for this request within `perRequest`, else as they are now. */
  readonly current: () => FlagSet;
  /** The flags as they are now, also within `perRequest`. */
  readonly latest: () => FlagSet;
  /** Value, variant and reason of a flag for a user. Never rejects. */
  readonly explain: (flag: Flag, user?: string) => Promise<EvaluationDetails<JsonValue>>;
  /**
   * Keeps the flags as they are now until the request is answered. Put it around all routes, with
   * `guard(router, flags.perRequest, { problems: [], stage: 'before-identification' })`. Within another it changes nothing.
   */
  readonly perRequest: RequestHandler;
  readonly client: Client;
  readonly provider: FlagProvider;
}

export interface FlagsOptions {
  /** Names this server's flags in OpenFeature, which has one registry for the whole process. */
  readonly domain: string;
}

const contextOf = (user: string | undefined) => (user === undefined ? {} : { targetingKey: user });

const explainWith =
  (client: Client): Flags['explain'] =>
  async ({ key, variants, offVariant }, user) => {
    const off = variants.get(offVariant);
    const context = contextOf(user);
    if (typeof off === 'boolean') return client.getBooleanDetails(key, off, context);
    if (typeof off === 'string') return client.getStringDetails(key, off, context);
    if (typeof off === 'number') return client.getNumberDetails(key, off, context);
    return client.getObjectDetails(key, off ?? {}, context);
  };

/**
 * Registers a provider with OpenFeature and resolves when it is ready; rejects if its first reading fails. All questions
 * go through OpenFeature's client, so that its hooks see them.
 */
export const openFlags = async (
  { start, current, environment }: ProviderDeps,
  { domain }: FlagsOptions,
): Promise<Flags> => {
  const ofRequest = new AsyncLocalStorage<FlagSet>();
  const now = () => ofRequest.getStore() ?? current();
  const provider = createFlagProvider({ start, current: now, environment });
  await OpenFeature.setProviderAndWait(domain, provider);
  const client = OpenFeature.getClient(domain);
  return {
    client,
    provider,
    current: now,
    latest: current,
    explain: explainWith(client),
    isOn: (key, user) =>
      client.getBooleanValue(key, false, contextOf(user === undefined ? undefined : String(user))),
    perRequest: (_req, _res, next) => ofRequest.run(now(), next),
  };
};
