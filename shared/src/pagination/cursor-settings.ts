import { z } from 'zod';
import { secret } from '../config/index.ts';

/** Settings of servers with lists. Servers behind one address share the secret. Made anew for each schema. */
export const cursorSettings = () => ({
  /** Signs cursors, in 16 characters or more. */
  CURSOR_SECRET: secret(z.string().min(16, 'must have at least 16 characters'), 'development-cursor-secret'),
});
