import express, { type RequestHandler, type Router } from 'express';
import { z } from 'zod';
import { createExpressApp, listen } from './express-app.ts';

/**
 * Express with `ROUTERS` routers of six routes each; requests go to the last one. `MOUNTED` is `plain`, one after the
 * other as `app.use(router)`; `path`, each as `app.use('/area-7', router)`; or `segment`, one handler that finds the
 * router in a map by the first segment of the path. `STACK=none` leaves out all other middleware.
 */
const { ROUTERS = '1', MOUNTED = 'plain', STACK = 'full' } = process.env;
const app = STACK === 'none' ? express().disable('etag') : createExpressApp();

const body = z.strictObject({ message: z.string().min(1).max(1000), tags: z.array(z.string()).max(10) });

const answer: RequestHandler = (req, res) => {
  if (STACK === 'none') res.json({ id: req.params.id });
  else res.json({ id: req.params.id, ...body.parse(req.body) });
};

const createRouter = (prefix: string): Router =>
  express
    .Router()
    .get(`${prefix}/`, answer)
    .post(`${prefix}/`, answer)
    .get(`${prefix}/summary`, answer)
    .get(`${prefix}/:id`, answer)
    .delete(`${prefix}/:id`, answer)
    .post(`${prefix}/:id`, answer);

const segments = Array.from({ length: Number(ROUTERS) }, (_, index) => `area-${index + 1}`);

if (MOUNTED === 'segment') {
  const routers = new Map(segments.map((segment) => [segment, createRouter(`/${segment}`)]));
  app.use((req, res, next) => {
    const router = routers.get(req.path.split('/', 2)[1] ?? '');
    if (router) router(req, res, next);
    else next();
  });
} else {
  for (const segment of segments) {
    if (MOUNTED === 'path') app.use(`/${segment}`, createRouter(''));
    else app.use(createRouter(`/${segment}`));
  }
}

listen(app);
