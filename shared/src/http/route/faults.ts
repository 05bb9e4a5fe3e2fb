import type { core } from 'zod';
import type { Fault } from '#src/problem/problem.ts';

/** The part of a request that a schema describes. It determines how faults name their place. */
export type Place = 'body' | 'parameter' | 'header' | 'cookie';

// A body of 100 KiB can contain tens of thousands of wrong values. A response many times its size would help no one.
const mostFaults = 100;

// A name from the client may be anything, even a card number, so only plain names are repeated.
const plainName = /^(?!.*\d{8})[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

const isRepeatable = (segment: PropertyKey): boolean =>
  typeof segment === 'number' || plainName.test(String(segment));

/** URI fragment of a JSON pointer (RFC 6901, section 6), cut off before the first name that must not be repeated. */
const pointerTo = (path: readonly PropertyKey[]): string => {
  const cut = path.findIndex((segment) => !isRepeatable(segment));
  return ['#', ...path.slice(0, cut === -1 ? path.length : cut).map(String)].join('/');
};

/** One fault at a place, without repeating suspicious names from the client. */
export const toFault = (place: Place, path: readonly PropertyKey[], detail: string): Fault => {
  if (place === 'body') return { pointer: pointerTo(path), detail };
  const name = path[0] !== undefined && isRepeatable(path[0]) ? String(path[0]) : '(unnamed)';
  if (place === 'parameter') return { parameter: name, detail };
  return place === 'header' ? { header: name, detail } : { cookie: name, detail };
};

type Branch = readonly core.$ZodIssue[];

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'a boolean',
  null: 'null',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};

const isWrongType = ([issue]: Branch): boolean => issue?.code === 'invalid_type' && issue.path.length === 0;

/** `a string, a number or null`, if the value has the type of no branch. */
const allowedTypes = (branches: readonly Branch[]): string | undefined => {
  if (!branches.every(isWrongType)) return undefined;
  const names = branches.map(([issue]) => {
    const expected = issue?.code === 'invalid_type' ? issue.expected : '';
    return typeNames[expected] ?? `of type ${expected}`;
  });
  const distinct = [...new Set(names)];
  const last = distinct.at(-1);
  return distinct.length === 1 ? last : `${distinct.slice(0, -1).join(', ')} or ${last}`;
};

/** The branch of a union that is closest to the input: among those with its type, the one with the fewest faults. */
const closestBranch = (branches: readonly Branch[]): Branch => {
  const ofType = branches.filter((branch) => !isWrongType(branch));
  return ofType.toSorted((a, b) => a.length - b.length).at(0) ?? [];
};

const faultsOf = (place: Place, issue: core.$ZodIssue, base: readonly PropertyKey[]): Fault[] => {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      toFault(place, [...path, key], `unknown ${place === 'body' ? 'field' : place}`),
    );
  }
  if (issue.code !== 'invalid_union') return [toFault(place, path, issue.message)];
  const types = allowedTypes(issue.errors);
  if (types !== undefined) return [toFault(place, path, `must be ${types}`)];
  const branch = closestBranch(issue.errors);
  return branch.length > 0
    ? branch.flatMap((inner) => faultsOf(place, inner, path))
    : [toFault(place, path, issue.message)];
};

/**
 * The faults that a schema found, at most 100. They contain no received values, because values may be secrets and
 * responses end up in logs.
 */
export const toFaults = (place: Place, issues: readonly core.$ZodIssue[]): Fault[] =>
  issues
    .slice(0, mostFaults)
    .flatMap((issue) => faultsOf(place, issue, []))
    .slice(0, mostFaults);

/** Replaces zod's messages where they would be unclear to clients. */
export const describeIssue =
  (place: Place) =>
  (issue: core.$ZodRawIssue): string | undefined => {
    if (issue.code !== 'invalid_type') return undefined;
    if (issue.input === undefined) return 'is required';
    if (place !== 'body' && Array.isArray(issue.input)) return 'must be given once';
    return `must be ${typeNames[issue.expected] ?? `of type ${issue.expected}`}`;
  };
