import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './workspace.ts';

interface Operation {
  readonly operationId?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** The part of an OpenAPI document that names schemas. */
export interface SchemaDocument {
  readonly paths?: Readonly<Record<string, object>> | undefined;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> | undefined } | undefined;
}

const referred = (part: unknown): string[] =>
  [...JSON.stringify(part ?? null).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
    ([, name = '']) => name,
  );

/** The schemas that a part of a document refers to, directly or through other schemas. */
const schemasOf = (part: unknown, schemas: Readonly<Record<string, unknown>>): ReadonlySet<string> => {
  const found = new Set<string>();
  const visit = (each: unknown): void => {
    for (const name of referred(each)) {
      if (found.has(name)) continue;
      found.add(name);
      visit(schemas[name]);
    }
  };
  visit(part);
  return found;
};

/** The slices that a slice's package.json depends on. */
export const sliceDependencies = (slice: string): readonly string[] => {
  const manifest: { dependencies?: Record<string, string> } = JSON.parse(
    readFileSync(join(ROOT, 'slices', slice, 'package.json'), 'utf8'),
  );
  return Object.keys(manifest.dependencies ?? {}).map((name) => name.replace('@lab/', ''));
};

/**
 * Schemas whose id does not start with the name of the slice that owns them, or with `lab` for shared ones. Otherwise
 * the names of two slices could collide. The slice of an operation is its tag.
 */
export const misnamedSchemas = (
  { paths = {}, components }: SchemaDocument,
  dependenciesOf: (slice: string) => readonly string[],
): readonly string[] => {
  const schemas = components?.schemas ?? {};
  const operations = Object.values(paths).flatMap((path): Operation[] => Object.values(path));
  return operations.flatMap((operation) => {
    const [tag = ''] = operation.tags ?? [];
    const owners = tag === 'system' ? ['lab'] : [tag, ...dependenciesOf(tag), 'lab'];
    return [...schemasOf(operation, schemas)]
      .filter((name) => !owners.some((owner) => name.startsWith(`${owner}.`)))
      .map((name) => `${operation.operationId}: ${name} does not start with ${owners.join(', ')}`);
  });
};
