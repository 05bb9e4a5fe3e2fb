const MAX_LENGTH = 30;
/** Names of other parts of the lab, and of folders that are not committed. */
const RESERVED = new Set([
  'combined-demo',
  'coverage',
  'data',
  'lab',
  'node-modules',
  'sample-slice',
  'shared',
  'testing',
]);

/** Why a slice cannot have this name; nothing where it can. `existing` are the names of folders in `slices/`. */
export const nameFault = (name: string, existing: readonly string[]): string | undefined => {
  if (name === '') return 'Which name? For example: make new slice=wish-list';
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name)) {
    return `A slice cannot be named "${name}". Use lower-case words joined by hyphens, each beginning with a letter: wish-list`;
  }
  if (name.length > MAX_LENGTH) {
    return `A slice cannot be named "${name}": ${name.length} characters are more than ${MAX_LENGTH}.`;
  }
  if (RESERVED.has(name)) return `A slice cannot be named "${name}": another part of the lab has that name.`;
  if (existing.includes(name)) return `There is a slice "${name}" already, in slices/${name}.`;
  return undefined;
};

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** A name in prose, with the first letter a capital: `Wish list`. */
export const titleOf = (name: string): string => capitalized(name.replaceAll('-', ' '));

/** `WishList` */
export const pascalOf = (name: string): string => name.split('-').map(capitalized).join('');

/** `wishList` */
export const camelOf = (name: string): string => {
  const pascal = pascalOf(name);
  return pascal.charAt(0).toLowerCase() + pascal.slice(1);
};

/**
 * Replaces the template's name in a text, in every way to write it: `sample-slice`, `sample_slice`, `sampleSlice`,
 * `SampleSlice`, `Sample slice`; and its port 3999.
 */
export const renamed = (
  text: string,
  { name, port }: { readonly name: string; readonly port: number },
): string => {
  const replacements = new Map([
    ['sample-slice', name],
    ['sample_slice', name.replaceAll('-', '_')],
    ['sampleSlice', camelOf(name)],
    ['SampleSlice', pascalOf(name)],
    ['Sample slice', titleOf(name)],
    ['3999', String(port)],
  ]);
  return text.replaceAll(
    /sample[-_]slice|[sS]ampleSlice|Sample slice|3999/g,
    (found) => replacements.get(found) ?? found,
  );
};
