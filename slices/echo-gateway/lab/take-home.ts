import { createEchoRouter } from '@lab/echo-gateway';
import { problemHandler } from '@lab/shared/http';
import express from 'express';
import { Registry } from 'prom-client';

/** Your own Express app, with the slice mounted under a prefix of your choice. */
export const createOwnApp = () => {
  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/tools', createEchoRouter({ registry: new Registry(), now: () => new Date() }));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return app;
};
