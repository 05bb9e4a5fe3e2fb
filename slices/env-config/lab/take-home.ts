import { randomUUIDv7 } from 'node:crypto';
import { createEnvConfigRouters, type FlagTables, flagMigrations, startFlags } from '@lab/env-config';
import { migrate, openDatabase } from '@lab/shared/database';
import { createCallers, problemHandler } from '@lab/shared/http';
import { createLogger, createMetrics } from '@lab/shared/observability';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. `file` is your file of flags. */
export const createOwnApp = async (databaseUrl: string, file: string) => {
  const resources = new AsyncDisposableStack();
  const db = openDatabase<FlagTables>(databaseUrl);
  resources.defer(() => db.destroy());
  await migrate(db, [flagMigrations]);
  const now = () => new Date();
  const logger = createLogger({ service: 'my-shop', level: 'warn' });
  const deps = { db, now, newId: randomUUIDv7, logger, registry: createMetrics(), resources };
  const flags = await startFlags(deps, { file, environment: 'production', pollMs: 1000 });
  const callers = createCallers({
    authTokens: new Map(),
    adminToken: 'my-operators-token',
    trustUserHeader: false,
  });

  const app = express();
  app.get('/', async (_req, res) => {
    const isOpen = await flags.isOn('shop_open');
    res.send(isOpen ? 'My shop' : 'My shop opens soon');
  });
  for (const router of createEnvConfigRouters({
    flags,
    callers,
    now,
    environment: 'production',
    described: {},
  }))
    app.use('/shop', router);
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, resources };
};
