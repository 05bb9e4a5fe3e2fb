import { readFile } from 'node:fs/promises';
import { SettingsError } from '@lab/shared/config';
import type { Executor } from '@lab/shared/database';
import type { ServerContext } from '@lab/shared/http';
import { runPeriodically } from '@lab/shared/process';
import type { Redis } from '@lab/shared/redis';
import { ProviderFatalError } from '@openfeature/server-sdk';
import { openAnnouncements } from './announcements.ts';
import { watchSources } from './flag-metrics.ts';
import { FlagFileError } from './flag-set.ts';
import { type Flags, openFlags } from './flags.ts';
import { createLiveFlags } from './live-flags.ts';
import { createOverrideStore, type FlagTables, type OverrideStore } from './override-store.ts';

/** Longer than any sensible file of flags, which each process reads every second. */
const MOST_BYTES = 1_000_000;

export interface FlagsDeps extends Pick<ServerContext<unknown>, 'registry' | 'logger' | 'resources'> {
  readonly db: Executor<FlagTables>;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Spares other processes the wait for their next refresh. */
  readonly redis?: Redis | undefined;
}

export interface FlagOptions {
  /** Path of the file of flags. */
  readonly file: string;
  readonly environment: string;
  /** Pause between two refreshes, in milliseconds: how late this process may follow others. */
  readonly pollMs: number;
}

/** Flags that run: asked by anyone, changed by operators. */
export interface RunningFlags extends Flags {
  /** Stores an override. When it resolves, this process follows it, and the others have been told. */
  readonly change: OverrideStore['change'];
  /** Reads file and overrides now. Never rejects. */
  readonly refresh: () => Promise<void>;
}

const readFlagFile = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FlagFileError('cannot be read', { cause });
  });
  if (text.length > MOST_BYTES) throw new FlagFileError(`is longer than ${MOST_BYTES} characters`);
  return text;
};

/** A broken file is a wrong setting while the server starts. Later the last good one stays in force. */
const asSettingsError = (error: unknown): never => {
  throw error instanceof ProviderFatalError ? new SettingsError([`FLAGS_FILE: ${error.message}`]) : error;
};

/** Reads the flags and keeps them up to date until `resources` are closed. Rejects with a SettingsError if the file is broken. */
export const startFlags = async (
  { db, now, newId, registry, logger, resources, redis }: FlagsDeps,
  { file, environment, pollMs }: FlagOptions,
): Promise<RunningFlags> => {
  const store = createOverrideStore(db, { now });
  const watch = watchSources({ registry, logger });
  const live = createLiveFlags({
    readFile: () => readFlagFile(file),
    readOverrides: store.list,
    onRead: (source, error) => {
      watch.onRead(source, error);
      flags?.provider.stale(watch.isStale());
    },
    onChange: (keys) => flags?.provider.changed(keys),
  });
  let flags: Flags | undefined;
  const opened = await openFlags({ ...live, environment }, { domain: newId() }).catch(asSettingsError);
  flags = opened;

  const onError = (error: unknown) => logger.warn({ err: error }, 'could not tell others about flags');
  const announcements =
    redis &&
    openAnnouncements(redis, { channel: 'env-config:flags', onChange: () => void live.refresh(), onError });
  if (announcements) resources.use(announcements);
  resources.use(runPeriodically(live.refresh, { intervalMs: pollMs, onError }));

  const change: RunningFlags['change'] = async (key, wanted) => {
    const changed = await store.change(key, wanted);
    await live.refresh();
    await announcements?.announce();
    return changed;
  };
  return { ...opened, change, refresh: live.refresh };
};
