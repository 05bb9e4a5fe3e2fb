import { migrationChecks } from '@lab/testing';
import { reliabilityAuditMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [reliabilityAuditMigrations]);
