import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { loadSettings } from '@lab/shared/config';
import { createMetrics } from '@lab/shared/observability';
import { createTestApp, startApp } from '@lab/testing';
import { onTestFinished } from 'vitest';
import {
  createWrappedRouter,
  reliabilityAuditSettings,
  startUpstream,
  unaudited,
  type WrappedAudit,
  wrappedOptions,
} from '../src/index.ts';

/** A server on a free port that is stopped after the test. */
export const startServer = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return `http://127.0.0.1:${address.port}`;
};

/** The wrapped routes, in front of `UPSTREAM_URL` or else of the flaky upstream. */
export const openWrappedApp = async (env: NodeJS.ProcessEnv = {}, audit: WrappedAudit = unaudited) => {
  const { values: settings } = loadSettings(reliabilityAuditSettings, { env: { APP_ENV: 'test', ...env } });
  const registry = createMetrics();
  const resources = new AsyncDisposableStack();
  onTestFinished(() => resources.disposeAsync());
  const { upstream, policy } = await startUpstream({ settings, registry, resources });
  const app = createTestApp([createWrappedRouter({ upstream, policy, audit }, wrappedOptions(settings))], {
    registry,
  });
  return { app, policy, registry };
};

export const startWrapped = async (env: NodeJS.ProcessEnv = {}, audit?: WrappedAudit) => {
  const opened = await openWrappedApp(env, audit);
  return { ...opened, ...(await startApp(opened.app)) };
};
