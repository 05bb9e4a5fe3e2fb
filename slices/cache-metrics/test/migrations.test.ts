import { migrationChecks } from '@lab/testing';
import { cacheMetricsMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [cacheMetricsMigrations]);
