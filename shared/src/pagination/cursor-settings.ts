import { z } from 'zod';
import { secret } from '../config/index.ts';

/**
 * Settings of servers with lists. Servers behind one address share the secret. A new object each time, because marks
 * belong to an instance.
 */
export const cursorSettings = () => ({
  CURSOR_SECRET: secret(
    z.string().min(16, 'must have at least 16 characters'),
    'development-cursor-secret',
  ).describe('Signs cursors. At least 16 characters.'),
});
