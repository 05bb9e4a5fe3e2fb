import { type Callers, type ContractRouter, createRouter, defineRoute, route } from '@lab/shared/http';
import { z } from 'zod';
import { tag } from './flags/router.ts';

const readConfig = defineRoute({
  method: 'GET',
  path: '/config',
  name: 'readConfig',
  summary: 'The settings that this server runs with, and where each comes from',
  description:
    'Secrets are shown as "[redacted]", and so are passwords in URLs. A setting that is not set is null.',
  tag,
  caller: 'operator',
  permission: 'config:write',
  responses: {
    200: {
      description: 'Each setting with its source',
      body: z
        .strictObject({
          environment: z.enum(['development', 'test', 'production']),
          values: z.record(
            z.string(),
            z.strictObject({
              value: z.unknown(),
              source: z.string().meta({ description: '`default`, a `.env` file, or `process`' }),
            }),
          ),
        })
        .meta({
          id: 'env-config.Config',
          example: {
            environment: 'production',
            values: {
              PORT: { value: 3009, source: '.env' },
              ADMIN_TOKEN: { value: '[redacted]', source: 'process' },
            },
          },
        }),
    },
  },
});

export interface SettingsRouterDeps {
  readonly environment: 'development' | 'test' | 'production';
  /** The settings as `describeSettings` shows them. */
  readonly described: Readonly<Record<string, { readonly value: unknown; readonly source: string }>>;
  readonly callers: Callers;
}

/** The route that shows operators the effective settings. */
export const createSettingsRouter = ({
  environment,
  described,
  callers,
}: SettingsRouterDeps): ContractRouter => {
  const body = readConfig.responses[200].body.parse({ environment, values: described });
  return createRouter([route(readConfig).handle(() => ({ status: 200, body }))], { callers });
};
