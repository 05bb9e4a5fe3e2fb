import { idempotencyMigrations } from '@lab/gift-grant';
import { migrationChecks } from '@lab/testing';
import { paymentMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [idempotencyMigrations, paymentMigrations]);
