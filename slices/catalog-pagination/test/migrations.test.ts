import { migrationChecks } from '@lab/testing';
import { catalogMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [catalogMigrations]);
