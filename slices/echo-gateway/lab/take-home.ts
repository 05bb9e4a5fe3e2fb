import { createEchoRouter } from '@lab/echo-gateway';
import { problemHandler } from '@lab/shared/http';
import express from 'express';
import { Registry } from 'prom-client';

/** An Express app of your own, with the slice under a prefix that you choose. */
export const createOwnApp = () => {
  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/tools', createEchoRouter({ registry: new Registry(), now: () => new Date() }));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return app;
};
