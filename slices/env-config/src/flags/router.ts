import {
  type Callers,
  type ContractRouter,
  createRouter,
  defineProblem,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
  storableText,
  type Tag,
} from '@lab/shared/http';
import { z } from 'zod';
import { percentage, variantName } from './definitions.ts';
import type { Flag } from './evaluation.ts';
import type { FlagSet } from './flag-set.ts';
import type { Flags } from './flags.ts';
import type { RunningFlags } from './start-flags.ts';

export const tag: Tag = {
  name: 'env-config',
  description:
    'Settings that are right or stop the start, and flags that switch features while the server runs: for some users, for a growing share of them, or for nobody. A user keeps what the rollout has given, and no flag changes within one request.',
};

const unknownFlag = defineProblem({
  code: 'unknown_flag',
  status: 404,
  title: 'There is no such flag',
  explanation: 'The file of flags has no flag with this key. `GET /flags` lists those that it has.',
});

const unknownVariant = defineProblem({
  code: 'unknown_variant',
  status: 422,
  title: 'The flag has no such variant',
  explanation: 'The file of flags names the variants of each flag. Nothing has changed.',
});

const KEY = 'welcome_by_time_of_day';

const evaluated = z
  .strictObject({
    key: z.string(),
    value: z.unknown().meta({ description: 'A boolean, a string, a number or an object' }),
    variant: z.string().nullable().meta({ description: 'null if the flag is disabled, or in an error' }),
    reason: z.enum(['STATIC', 'DEFAULT', 'TARGETING_MATCH', 'SPLIT', 'DISABLED', 'ERROR']),
    error_code: z.string().optional().meta({
      description: "One of OpenFeature's error codes: TARGETING_KEY_MISSING if a rollout needs a user",
    }),
  })
  .meta({
    id: 'env-config.Flag',
    example: { key: KEY, value: true, variant: 'on', reason: 'SPLIT' },
  });

const setting = z
  .strictObject({
    key: z.string(),
    enabled: z.boolean(),
    variant: z.string(),
    rollout_percent: z.number(),
    overridden: z.array(z.enum(['enabled', 'rollout_percent', 'variant'])),
  })
  .meta({
    id: 'env-config.FlagSetting',
    example: {
      key: KEY,
      enabled: true,
      variant: 'on',
      rollout_percent: 50,
      overridden: ['enabled', 'rollout_percent'],
    },
  });

const change = z
  .strictObject({
    enabled: z.boolean().nullable().optional(),
    rollout_percent: percentage.nullable().optional(),
    variant: variantName.nullable().optional(),
  })
  .refine((members) => Object.keys(members).length > 0, 'must have at least one member')
  .meta({ id: 'env-config.FlagChange', example: { enabled: true, rollout_percent: 50 } });

/** Any text: what is not a key is an unknown flag. */
const key = z.string().min(1).max(200).meta({ description: 'Key of a flag', example: KEY });
const query = z.strictObject({
  user: storableText(1, 64)
    .optional()
    .meta({ description: 'Id of the user who is asked about', example: '42' }),
});

const listFlags = defineRoute({
  method: 'GET',
  path: '/flags',
  name: 'listFlags',
  summary: 'All flags, as they are for a user',
  tag,
  query,
  responses: {
    200: {
      description: 'All flags, sorted by key',
      body: z.strictObject({ items: z.array(evaluated) }),
      example: { items: [{ key: KEY, value: true, variant: 'on', reason: 'SPLIT' }] },
    },
  },
});

const readFlag = defineRoute({
  method: 'GET',
  path: '/flags/:key',
  name: 'readFlag',
  summary: 'One flag, as it is for a user, and why',
  tag,
  params: z.strictObject({ key }),
  query,
  responses: { 200: { description: 'Value, variant and reason', body: evaluated } },
  problems: [unknownFlag],
});

const changeFlag = defineRoute({
  method: 'PUT',
  path: '/flags/:key',
  name: 'changeFlag',
  summary: 'Switch a flag, or change the share of users who have it',
  description:
    'Members that are not sent stay as they are; null goes back to what the file says. Safe to repeat. This server follows at once, others within FLAGS_POLL_MS.',
  tag,
  caller: 'operator',
  permission: 'config:write',
  params: z.strictObject({ key }),
  body: change,
  responses: { 200: { description: 'What is in force now', body: setting } },
  problems: [unknownFlag, unknownVariant, serviceUnavailable],
});

type Reason = z.output<typeof evaluated>['reason'];

const isReason = (reason: string | undefined): reason is Reason =>
  evaluated.shape.reason.safeParse(reason).success;

const evaluateFor = async (flags: Flags, flag: Flag, user: string | undefined) => {
  const { value, variant, reason, errorCode } = await flags.explain(flag, user);
  return {
    key: flag.key,
    value,
    variant: variant ?? null,
    reason: isReason(reason) ? reason : ('ERROR' as const),
    ...(errorCode !== undefined && { error_code: errorCode }),
  };
};

const requireFlag = (flags: FlagSet, wanted: string): Flag => {
  const flag = flags.get(wanted);
  if (!flag) throw new ProblemError(unknownFlag);
  return flag;
};

export interface FlagRouterDeps {
  readonly flags: RunningFlags;
  readonly callers: Callers;
}

/** The routes of flags. */
export const createFlagRouter = ({ flags, callers }: FlagRouterDeps): ContractRouter =>
  createRouter(
    [
      route(listFlags, flags.perRequest).handle(async ({ query: { user } }) => {
        const all = [...flags.current().values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
        return {
          status: 200,
          body: { items: await Promise.all(all.map((flag) => evaluateFor(flags, flag, user))) },
        };
      }),
      route(readFlag, flags.perRequest).handle(async ({ params, query: { user } }) => ({
        status: 200,
        body: await evaluateFor(flags, requireFlag(flags.current(), params.key), user),
      })),
      route(changeFlag).handle(async ({ params, body }) => {
        const { enabled, rollout_percent: rolloutPercent, variant } = body;
        const { variants } = requireFlag(flags.current(), params.key);
        if (typeof variant === 'string' && !variants.has(variant)) throw new ProblemError(unknownVariant);
        const override = await flags.change(params.key, { enabled, rolloutPercent, variant });
        // As the change has left it, which is not what the rest of this request goes by.
        const flag = requireFlag(flags.latest(), params.key);
        return {
          status: 200,
          body: {
            key: flag.key,
            enabled: flag.enabled,
            variant: flag.variant,
            rollout_percent: flag.rolloutPercent,
            overridden: [
              ...(override.enabled === null ? [] : (['enabled'] as const)),
              ...(override.rolloutPercent === null ? [] : (['rollout_percent'] as const)),
              ...(override.variant === null ? [] : (['variant'] as const)),
            ],
          },
        };
      }),
    ],
    { callers },
  );
