import { migrationChecks } from '@lab/testing';
import { giftMigrations, idempotencyMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [idempotencyMigrations, giftMigrations]);
