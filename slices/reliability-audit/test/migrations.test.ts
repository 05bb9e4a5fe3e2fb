import { migrationChecks } from '@lab/testing';
import { auditMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [auditMigrations]);
