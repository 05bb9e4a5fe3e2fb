import {
  type EvaluationContext,
  FlagNotFoundError,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  ProviderFatalError,
  type ResolutionDetails,
  TargetingKeyMissingError,
  TypeMismatchError,
} from '@openfeature/server-sdk';
import type { FlagValue } from './definitions.ts';
import { evaluate } from './evaluation.ts';
import { FlagFileError, type FlagSet } from './flag-set.ts';

export interface ProviderDeps {
  /** Reads the flags for the first time. */
  readonly start: () => Promise<void>;
  /** The flags to evaluate now. */
  readonly current: () => FlagSet;
  /** Part of every context: rules may name it as `environment`. */
  readonly environment: string;
}

/** Tells OpenFeature what happens to the flags behind the provider. */
export interface FlagProvider extends Provider {
  readonly changed: (keys: readonly string[]) => void;
  /** The flags can be out of date, because a source does not answer. */
  readonly stale: (isStale: boolean) => void;
}

type TypeTest<Value extends JsonValue> = (value: FlagValue) => value is Value & FlagValue;

const isBoolean = (value: FlagValue): value is boolean => typeof value === 'boolean';
const isString = (value: FlagValue): value is string => typeof value === 'string';
const isNumber = (value: FlagValue): value is number => typeof value === 'number';

const fatalIfBroken = (error: unknown): never => {
  throw error instanceof FlagFileError
    ? new ProviderFatalError(`the file of flags ${error.message}`, { cause: error })
    : error;
};

/** An OpenFeature provider (specification, section 2) over a set of flags in memory. */
export const createFlagProvider = ({ start, current, environment }: ProviderDeps): FlagProvider => {
  const events = new OpenFeatureEventEmitter();
  let isStale = false;

  const resolve = <Value extends JsonValue>(
    key: string,
    fallback: Value,
    context: EvaluationContext,
    hasType: TypeTest<Value>,
  ): ResolutionDetails<Value> => {
    const flag = current().get(key);
    if (!flag) throw new FlagNotFoundError(`there is no flag ${key}`);
    const { metadata: flagMetadata } = flag;
    const outcome = evaluate(flag, { ...context, environment });
    if (outcome.reason === 'DISABLED') return { value: fallback, reason: 'DISABLED', flagMetadata };
    if (outcome.reason === 'ERROR') throw new TargetingKeyMissingError(`${key} is rolled out by user`);
    const value = flag.variants.get(outcome.variant);
    if (value === undefined || !hasType(value)) throw new TypeMismatchError(`${key} is of another type`);
    return { value, variant: outcome.variant, reason: outcome.reason, flagMetadata };
  };

  return {
    metadata: { name: 'env-config' },
    runsOn: 'server',
    events,
    initialize: () => start().catch(fatalIfBroken),
    resolveBooleanEvaluation: async (...[key, fallback, context]) =>
      resolve(key, fallback, context, isBoolean),
    resolveStringEvaluation: async (...[key, fallback, context]) => resolve(key, fallback, context, isString),
    resolveNumberEvaluation: async (...[key, fallback, context]) => resolve(key, fallback, context, isNumber),
    resolveObjectEvaluation: async <Value extends JsonValue>(
      key: string,
      fallback: Value,
      context: EvaluationContext,
    ) =>
      resolve(
        key,
        fallback,
        context,
        (value): value is Value & FlagValue => typeof value === 'object' && value !== null,
      ),
    changed: (flagsChanged) =>
      events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [...flagsChanged] }),
    stale: (now) => {
      if (now !== isStale) events.emit(now ? ProviderEvents.Stale : ProviderEvents.Ready, {});
      isStale = now;
    },
  };
};
