import type { CategoryRow, ProductRow } from './product-store.ts';

/** Departments, their aisles, and the shelves of those: three levels, 60 shelves. */
const tree: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Snacks: {
    Salty: 'Crisps, Pretzels, Popcorn, Crackers, Seaweed',
    Nuts: 'Almonds, Cashews, Peanuts, Walnuts, Trail mix',
    Sweet: 'Chocolate, Fudge, Nougat, Liquorice, Biscuits',
  },
  'Ice cream': {
    Tubs: 'Dairy, Sorbet, Frozen yoghurt, Vegan, Gelato',
    'On a stick': 'Ice pops, Cream bars, Fruit bars, Almond bars, Mini bars',
    'Cones and toppings': 'Waffle cones, Wafers, Sauces, Sprinkles, Sandwiches',
  },
  'Art supplies': {
    Drawing: 'Pencils, Charcoal, Ink, Pastels, Erasers',
    Painting: 'Watercolour, Gouache, Acrylic, Oil, Brushes',
    Surfaces: 'Sketchbooks, Canvas, Paper, Boards, Easels',
  },
  Drinks: {
    Cold: 'Lemonade, Iced tea, Juice, Water, Cola',
    Hot: 'Coffee, Black tea, Herbal tea, Cocoa, Chai',
    'To mix': 'Syrup, Tonic, Ginger beer, Bitters, Soda',
  },
};

const slug = (name: string): string => name.toLowerCase().replaceAll(' ', '-');

const under = (parent: CategoryRow, name: string): CategoryRow => ({
  id: `${parent.id}.${slug(name)}`,
  parent_id: parent.id,
  name,
});

const aislesOf = (department: CategoryRow, aisles: Readonly<Record<string, string>>): CategoryRow[] =>
  Object.entries(aisles).flatMap(([aisleName, shelves]) => {
    const aisle = under(department, aisleName);
    return [aisle, ...shelves.split(', ').map((shelf) => under(aisle, shelf))];
  });

/** All categories, parents before children: `snacks`, `snacks.salty`, `snacks.salty.crisps`. */
export const sampleCategories: readonly CategoryRow[] = Object.entries(tree).flatMap(([name, aisles]) => {
  const department = { id: slug(name), parent_id: null, name };
  return [department, ...aislesOf(department, aisles)];
});

const shelves = sampleCategories.filter(({ id }) => id.split('.').length === 3);

const kinds = ['Classic', 'Organic', 'Family', 'Travel', 'Winter', 'Summer', 'Village', 'Harbour', 'Golden'];
const makers = ['Aster', 'Birch', 'Clover', 'Dune', 'Elm', 'Fern', 'Grove', 'Heather', 'Iris', 'Juniper'];

/** Well-mixed 32 bits of a number (the finaliser of MurmurHash3, A. Appleby): chance without a state to keep. */
const mix = (value: number): number => {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

const pick = <Item>(items: readonly Item[], chance: number): Item => {
  const item = items[chance % items.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
};

const FIRST_DAY_MS = Date.UTC(2020, 0, 1);
const SECONDS_APART = 200;
const ARRIVING_TOGETHER = 8;

/** UUIDv7 (RFC 9562, section 5.7) of a time, its random bits a function of the number. */
const idOf = (createdAtMs: number, number: number): string => {
  const time = hex(createdAtMs, 12);
  const [a, b] = [mix(number), mix(number ^ 0x5bd1e995)];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(a & 0xfff, 3)}-8${hex(b & 0xfff, 3)}-${hex(a, 8)}${hex(b >>> 16, 4)}`;
};

/**
 * The sample product of a number from 1 on, always the same. Deliveries bring eight at one time, prices are round and
 * a tenth is sold in EUR, so that many products share a sort key.
 */
export const sampleProduct = (number: number): ProductRow => {
  const chance = mix(number);
  const created_at = FIRST_DAY_MS + Math.floor(number / ARRIVING_TOGETHER) * SECONDS_APART * 1000;
  const shelf = pick(shelves, chance);
  const model = `${pick(makers, chance >>> 8)} ${100 + (mix(chance) % 900)}`;
  return {
    id: idOf(created_at, number),
    sku: `LAB-${String(number).padStart(8, '0')}`,
    name: `${pick(kinds, chance >>> 4)} ${shelf.name.toLowerCase()} ${model}`,
    category_id: shelf.id,
    currency: number % 10 === 0 ? 'EUR' : 'USD',
    price_minor: 95 + 25 * (mix(chance ^ 0x9e3779b9) % 400),
    in_stock: chance % 7 === 0 ? 0 : 1,
    created_at,
  };
};

/** The number of a sample product's sku; 0 of any other. */
export const sampleNumber = (sku: string): number => Number(/^LAB-(\d{8})$/.exec(sku)?.[1] ?? 0);
