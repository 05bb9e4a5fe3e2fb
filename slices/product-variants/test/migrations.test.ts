import { catalogMigrations } from '@lab/catalog-pagination';
import { migrationChecks } from '@lab/testing';
import { productVariantsMigrations } from '../src/index.ts';

migrationChecks(new URL('fixtures/', import.meta.url), [productVariantsMigrations], [catalogMigrations]);
