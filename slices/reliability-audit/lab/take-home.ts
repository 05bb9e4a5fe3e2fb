import {
  createWrappedRouter,
  startUpstream,
  unaudited,
  upstreamSettings,
  wrappedOptions,
} from '@lab/reliability-audit';
import { problemHandler } from '@lab/shared/http';
import express from 'express';
import { Registry } from 'prom-client';
import { z } from 'zod';

/** Your own Express app, with the slice mounted under a prefix of your choice, in front of your own upstream. */
export const createOwnApp = async (upstreamUrl: string) => {
  const settings = z.object(upstreamSettings()).parse({ UPSTREAM_URL: upstreamUrl });
  const resources = new AsyncDisposableStack();
  const { upstream, policy } = await startUpstream({ settings, registry: new Registry(), resources });

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', createWrappedRouter({ upstream, policy, audit: unaudited }, wrappedOptions(settings)));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, resources };
};
