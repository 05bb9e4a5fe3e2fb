import { migrationChecks } from '@lab/testing';
import { promoRateLimitMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [promoRateLimitMigrations]);
