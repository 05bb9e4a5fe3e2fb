/**
 * Problem: flags change while the server runs, in a file and in a database that may be broken or gone just then.
 * Guarantees: `current` answers at once, always from a sound file and from overrides that were all committed at one
 * moment. A source that fails keeps what it said last. Refreshes follow one another, so that an older state never
 * replaces a newer one.
 * Does NOT guarantee: that all processes change at the same moment; each follows at its next refresh.
 */
import { type Definitions, type FlagSet, flagSetOf, parseFlagFile } from './flag-set.ts';
import type { Override } from './override-store.ts';

export type FlagSource = 'file' | 'overrides';

export interface LiveFlagDeps {
  /** The text of the file of flags. */
  readonly readFile: () => Promise<string>;
  readonly readOverrides: () => Promise<readonly Override[]>;
  /** Called after each reading of a source: without an error, or with the reason why it keeps what it said last. */
  readonly onRead?: (source: FlagSource, error?: unknown) => void;
  /** Called when the flags have changed, with the keys in force. */
  readonly onChange?: (keys: readonly string[]) => void;
}

export interface LiveFlags {
  readonly current: () => FlagSet;
  /** Reads both sources for the first time. Rejects with a FlagFileError, or with the error of the database. */
  readonly start: () => Promise<void>;
  /** Reads both sources again; resolves when the flags are at least as new as this call. Never rejects. */
  readonly refresh: () => Promise<void>;
}

/** Runs calls one after the other; those that come while others wait share one run. */
const takingTurns = (run: () => Promise<void>): (() => Promise<void>) => {
  let last = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= last.then(() => {
      next = undefined;
      last = run();
      return last;
    });
    return next;
  };
};

/** Flags that follow a file and a table. Nothing is read before `start`. */
export const createLiveFlags = ({ readFile, readOverrides, onRead, onChange }: LiveFlagDeps): LiveFlags => {
  let text: string | undefined;
  let definitions: Definitions = new Map();
  let overrides: readonly Override[] = [];
  let flags: FlagSet = new Map();

  /** Whether the file has changed. */
  const readDefinitions = async (): Promise<boolean> => {
    const newest = await readFile();
    if (newest === text) return false;
    definitions = parseFlagFile(newest);
    text = newest;
    return true;
  };

  const readSetting = async (): Promise<boolean> => {
    const newest = await readOverrides();
    const isChanged = JSON.stringify(newest) !== JSON.stringify(overrides);
    overrides = newest;
    return isChanged;
  };

  const kept = async (source: FlagSource, read: () => Promise<boolean>): Promise<boolean> => {
    try {
      const isChanged = await read();
      onRead?.(source);
      return isChanged;
    } catch (error) {
      onRead?.(source, error);
      return false;
    }
  };

  const refresh = takingTurns(async () => {
    const changed = [await kept('file', readDefinitions), await kept('overrides', readSetting)];
    if (!changed.includes(true)) return;
    flags = flagSetOf(definitions, overrides);
    onChange?.([...flags.keys()]);
  });

  const start = async (): Promise<void> => {
    await readDefinitions();
    await readSetting();
    flags = flagSetOf(definitions, overrides);
  };

  return { current: () => flags, start, refresh };
};
