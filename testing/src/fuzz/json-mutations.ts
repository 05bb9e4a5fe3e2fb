import { choose } from '../determinism/seeded-random.ts';
import { hostileJson } from './hostile-values.ts';
import { type Chance, hasBody, type Mutation } from './mutation.ts';

type Path = readonly string[];

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Every place in a JSON value, including the whole value. */
const placesIn = (value: unknown, at: Path = []): Path[] => [
  at,
  ...(isBranch(value)
    ? Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...at, name]))
    : []),
];

type Member = readonly [name: string, json: string];

/** JSON text of a value in which the members of the object or array at `at` have been edited. */
const rewrite = (value: unknown, at: Path, edit: (members: Member[]) => Member[]): string => {
  if (!isBranch(value)) return JSON.stringify(value) ?? 'null';
  const [next, ...rest] = at;
  const members = Object.entries(value).map(([name, inner]): Member => {
    return [name, name === next ? rewrite(inner, rest, edit) : (JSON.stringify(inner) ?? 'null')];
  });
  const edited = next === undefined ? edit(members) : members;
  if (Array.isArray(value)) return `[${edited.map(([, json]) => json).join(',')}]`;
  return `{${edited.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
};

const editMember = (body: unknown, { random }: Chance, edit: (member: Member) => Member[]): string => {
  const places = placesIn(body).filter((at) => at.length > 0);
  if (places.length === 0) return 'null';
  const place = choose(random, places);
  const name = place.at(-1);
  return rewrite(body, place.slice(0, -1), (members) =>
    members.flatMap((member) => (member[0] === name ? edit(member) : [member])),
  );
};

const addMember = (body: unknown, { random, marker }: Chance): string => {
  const objects = placesIn(body).filter((at) => {
    const value = at.reduce<unknown>(
      (inner, name) => (isBranch(inner) ? Reflect.get(inner, name) : inner),
      body,
    );
    return isBranch(value) && !Array.isArray(value);
  });
  if (objects.length === 0) return `{"unknown":"${marker}"}`;
  const name = choose(random, [
    'unknown',
    'extra field',
    '',
    '__proto__',
    'constructor',
    'toString',
    'isAdmin',
  ]);
  const json = choose(random, [`"${marker}"`, marker, '{"isAdmin":true}', 'null']);
  return rewrite(body, choose(random, objects), (members) => [...members, [name, json]]);
};

const deep = [
  '['.repeat(50_000),
  '['.repeat(50_000) + ']'.repeat(50_000),
  `${'{"a":'.repeat(15_000)}0${'}'.repeat(15_000)}`,
];

const wide = JSON.stringify(
  Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, index])),
);

const mutation = (
  kind: string,
  weight: number,
  write: (body: unknown, chance: Chance) => string,
): Mutation => ({
  kind,
  weight,
  applies: hasBody,
  apply: (_request, { body }, chance) => ({ body: Buffer.from(write(body, chance)) }),
});

/** Bodies that are JSON but do not match the contract. */
export const jsonMutations: readonly Mutation[] = [
  mutation('hostile value', 8, (body, chance) =>
    editMember(body, chance, ([name]) => [[name, hostileJson(chance.random, chance.marker)]]),
  ),
  mutation('missing member', 3, (body, chance) => editMember(body, chance, () => [])),
  mutation('added member', 4, addMember),
  mutation('repeated member', 1, (body, chance) =>
    editMember(body, chance, ([name, json]) => [
      [name, `"${chance.marker}"`],
      [name, json],
    ]),
  ),
  mutation('another body', 2, (_body, { random, marker }) => hostileJson(random, marker)),
  mutation('list of bodies', 1, (body) => JSON.stringify([body, body])),
  mutation('deep nesting', 1, (_body, { random }) => choose(random, deep)),
  mutation('many members', 1, () => wide),
];
