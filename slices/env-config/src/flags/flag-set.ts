import { describeIssue, toFaults } from '@lab/shared/http';
import { type FlagDefinition, type FlagValue, flagFile } from './definitions.ts';
import type { Flag } from './evaluation.ts';
import type { Override } from './override-store.ts';

/** All flags at one moment, by key. Never changes: a change makes a new set. */
export type FlagSet = ReadonlyMap<string, Flag>;

export type Definitions = ReadonlyMap<string, FlagDefinition>;

/** The file of flags cannot be read, or is not what it should be. The message names each place, never a value. */
export class FlagFileError extends Error {
  override readonly name = 'FlagFileError';
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FlagFileError('is not JSON', { cause });
  }
};

/** Parses the file of flags; throws a FlagFileError. */
export const parseFlagFile = (text: string): Definitions => {
  const { data, error } = flagFile.safeParse(parseJson(text), { error: describeIssue('body') });
  if (data) return new Map(Object.entries(data.flags));
  const faults = toFaults('body', error.issues).map(
    (fault) => `${'pointer' in fault ? fault.pointer : ''} ${fault.detail}`,
  );
  throw new FlagFileError(`has faults: ${faults.join('; ')}`);
};

/** Callers get the same object as everyone else, so nobody may change it. */
const frozen = (value: FlagValue): FlagValue => {
  const freeze = (each: unknown): void => {
    if (typeof each !== 'object' || each === null) return;
    Object.values(each).forEach(freeze);
    Object.freeze(each);
  };
  freeze(value);
  return value;
};

const inForce = (key: string, definition: FlagDefinition, override: Override | undefined): Flag => {
  const variants = new Map(Object.entries(definition.variants).map(([name, value]) => [name, frozen(value)]));
  // The file may have changed since the override was made.
  const pinned = variants.has(override?.variant ?? '') ? override?.variant : undefined;
  const ofFile = pinned === undefined || pinned === null ? definition : undefined;
  return Object.freeze({
    key,
    variants,
    enabled: override?.enabled ?? definition.enabled,
    variant: pinned ?? definition.variant,
    offVariant: definition.off_variant,
    rolloutPercent: override?.rolloutPercent ?? ofFile?.rollout_percent ?? 100,
    salt: definition.salt ?? key,
    targeting: ofFile?.targeting ?? [],
    metadata: definition.metadata ?? {},
  });
};

/**
 * The flags in force. An override of `enabled` or of the percentage replaces that of the file. An override of the variant
 * gives it to everybody, whatever targeting and percentage the file has, or to the percentage of the same override.
 */
export const flagSetOf = (definitions: Definitions, overrides: readonly Override[]): FlagSet => {
  const byKey = new Map(overrides.map((override) => [override.key, override]));
  return new Map(
    [...definitions].map(([key, definition]) => [key, inForce(key, definition, byKey.get(key))]),
  );
};
