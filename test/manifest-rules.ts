import type { WorkspacePackage } from '../lab/workspace.ts';

const BUILDS_ON: Record<string, readonly string[]> = {
  '@lab/cache-metrics': ['@lab/catalog-pagination'],
  '@lab/gift-history': ['@lab/gift-grant'],
  '@lab/inventory-reservation': ['@lab/gift-grant'],
  // A checkout is made of what the others keep.
  '@lab/order-checkout': ['@lab/cart-pricing', '@lab/gift-grant', '@lab/inventory-reservation'],
  '@lab/payment-intents': ['@lab/gift-grant', '@lab/reliability-audit'],
  '@lab/product-variants': ['@lab/catalog-pagination'],
};

/** Forbidden dependencies on workspace packages: shared has none, a slice only shared and the slices it builds on. */
export const forbiddenDependencies = ({ folder, manifest }: WorkspacePackage): string[] => {
  if (folder === 'combined-demo') return [];
  const allowed = folder === 'shared' ? [] : ['@lab/shared', ...(BUILDS_ON[manifest.name] ?? [])];
  const tests = folder === 'testing' ? [] : ['@lab/testing'];
  const forbidden = (dependencies: Record<string, string>, known: string[]) =>
    Object.keys(dependencies).filter((name) => name.startsWith('@lab/') && !known.includes(name));
  return [
    ...forbidden(manifest.dependencies, allowed),
    ...forbidden(manifest.devDependencies, [...allowed, ...tests]),
  ].map((name) => `${manifest.name} depends on ${name}`);
};

/** Deviations of a slice's package.json from the required form. */
export const unusualSlice = ({ id, manifest }: WorkspacePackage): string[] => {
  const faults: string[] = [];
  if (manifest.name !== `@lab/${id}`) faults.push(`${id} is named ${manifest.name}`);
  if (JSON.stringify(manifest.exports) !== '{".":"./src/index.ts"}')
    faults.push(`${id} exports more than "."`);
  if (manifest.lab?.pattern === undefined) faults.push(`${id} does not say which file holds its pattern`);
  return faults;
};

/** Dependencies with their own version instead of the catalog's. */
export const versionsOutsideCatalog = ({ name, ...manifest }: WorkspacePackage['manifest']): string[] => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  return Object.entries(all)
    .filter(([one, version]) => version !== (one.startsWith('@lab/') ? 'workspace:*' : 'catalog:'))
    .map(([one, version]) => `${name} takes ${one} ${version}`);
};

/** Catalog entries that are not an exact version. */
export const inexactVersions = (catalog: Record<string, string>): string[] => {
  return Object.entries(catalog)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} ${version}`);
};
