import { z } from 'zod';
import { openCatalog } from './catalog.ts';
import { createExpressApp, listen } from './express-app.ts';

/**
 * An Express stack that most teams would put together: helmet, cors, pino-http, express-prom-bundle, express.json and
 * zod.
 */
const { DATABASE_URL, CURSOR_SECRET = '' } = process.env;
const app = createExpressApp();

const message = z.strictObject({
  message: z.string().min(1).max(1000),
  tags: z.array(z.string().min(1).max(40)).max(10).optional(),
  metadata: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .refine((entries) => Object.keys(entries).length <= 20)
    .optional(),
});

app.post('/echo', (req, res) => {
  const startedAtMs = performance.now();
  const echo = message.parse(req.body);
  const elapsedMs = performance.now() - startedAtMs;
  res.set('Server-Timing', `app;dur=${elapsedMs.toFixed(3)}`);
  res.json({ echo, received_at: new Date().toISOString(), request_id: req.id });
});

const productQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
  sort: z.enum(['newest', 'price_asc', 'price_desc', 'name_asc']).default('newest'),
  category: z
    .string()
    .regex(/^[a-z0-9.-]{1,100}$/)
    .optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('USD'),
});

if (DATABASE_URL !== undefined) {
  const readPage = openCatalog(DATABASE_URL, CURSOR_SECRET);
  app.get('/products', (req, res) => {
    const page = readPage(productQuery.parse(req.query), req.originalUrl);
    if (page?.link !== undefined) res.set('Link', page.link);
    if (page) res.json(page.body);
    else res.status(400).json({ status: 400, title: 'Invalid cursor' });
  });
}

listen(app);
