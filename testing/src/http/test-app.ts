import type { ContractRouter } from '@lab/shared/http';
import { type App, type AppDeps, type AppOptions, createApp } from '@lab/shared/http';
import { createHealth, createLogger, createMetrics } from '@lab/shared/observability';

export type TestAppOverrides = Partial<AppOptions & Omit<AppDeps, 'routers'>>;

/** An app with these routers, like that of a server, but without logs and dependencies. */
export const createTestApp = (routers: readonly ContractRouter[], overrides: TestAppOverrides = {}): App => {
  const {
    logger = createLogger({ service: 'test', level: 'silent' }),
    registry = createMetrics(),
    health = createHealth({}),
    exposure,
    newId,
    ...options
  } = overrides;
  return createApp(
    {
      title: 'Test',
      description: 'An app under test',
      version: '0.0.0',
      publicUrl: 'http://lab.test',
      ...options,
    },
    { routers, logger, registry, health, ...(exposure && { exposure }), ...(newId && { newId }) },
  );
};
