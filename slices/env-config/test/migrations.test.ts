import { migrationChecks } from '@lab/testing';
import { flagMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [flagMigrations]);
