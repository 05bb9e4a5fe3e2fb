import type { Attributes } from '../variant-tables.ts';

interface ShowcaseVariant {
  /** Appended to the sku of the product. */
  readonly suffix: string;
  readonly attributes: Attributes;
  /** In major units; left out if it costs the same as the product. */
  readonly amount?: string;
  readonly stock: number;
}

export interface ShowcaseProduct {
  /** Its place in the price list of the shop, from which its id follows. */
  readonly number: number;
  readonly sku: string;
  readonly name: string;
  readonly amount: string;
  readonly currency?: string;
  readonly category: string;
  readonly description: string;
  readonly attributes: Attributes;
  readonly variants: readonly ShowcaseVariant[];
}

/** Variants that differ in one attribute: `[suffix, value, stock, amount]`. */
const by = (name: string, ...rows: (readonly [string, string, number, string?])[]): ShowcaseVariant[] =>
  rows.map(([suffix, value, stock, amount]) => ({
    suffix,
    attributes: { [name]: value },
    stock,
    ...(amount !== undefined && { amount }),
  }));

const papers = ['white', 'cream', 'black'];
const bindings = ['spiral', 'hardcover'];

/** Every paper in every binding. */
const sketchbooks = (hardcover: string): ShowcaseVariant[] =>
  papers.flatMap((paper, row) =>
    bindings.map((binding, column) => ({
      suffix: `${paper}-${binding}`.toUpperCase(),
      attributes: { paper, binding },
      stock: (row * 7 + column * 4) % 15,
      ...(binding === 'hardcover' && { amount: hardcover }),
    })),
  );

/** Products of the shop with variants: snacks, ice cream and art supplies. */
export const showcase: readonly ShowcaseProduct[] = [
  {
    number: 2,
    sku: 'SNACK-POPCORN-120',
    name: 'Kettle popcorn, 120 g',
    amount: '2.99',
    category: 'snacks',
    description: 'Popped in small copper kettles, so that some kernels caramelize and others stay light.',
    attributes: { diet: 'vegan', origin: 'Iowa' },
    variants: by('flavor', ['SWEET', 'sweet', 90], ['SALTED', 'salted', 64], ['CHILI', 'chili', 0, '3.29']),
  },
  {
    number: 3,
    sku: 'SNACK-ALMOND-150',
    name: 'Smoked almonds, 150 g',
    amount: '5.79',
    category: 'snacks',
    description: 'Whole almonds, smoked over beech for two nights and salted while they are warm.',
    attributes: { diet: 'vegan', origin: 'Andalusia' },
    variants: by('pack', ['SINGLE', 'single', 120], ['BOX', 'box of 12', 9, '62.50']),
  },
  {
    number: 8,
    sku: 'SNACK-FUDGE-250',
    name: 'Butter fudge, 250 g',
    amount: '8.95',
    category: 'snacks',
    description: 'Cream, butter and sugar, beaten until it is just short of crumbling.',
    attributes: { diet: 'vegetarian', origin: 'Cornwall' },
    variants: by('flavor', ['PLAIN', 'plain', 30], ['SALTED', 'salted', 22], ['GINGER', 'ginger', 4, '9.45']),
  },
  {
    number: 9,
    sku: 'ICE-VANILLA-500',
    name: 'Vanilla bean ice cream, 500 ml',
    amount: '6.99',
    category: 'ice-cream',
    description: 'Fourteen vanilla pods to a churn, and no coloring: the specks are all there is to see.',
    attributes: { flavor: 'vanilla', origin: 'Madagascar' },
    variants: by(
      'recipe',
      ['CLASSIC', 'classic', 48],
      ['LACTOSE-FREE', 'lactose-free', 12, '7.49'],
      ['VEGAN', 'vegan', 0, '7.99'],
    ),
  },
  {
    number: 10,
    sku: 'ICE-CHOC-500',
    name: 'Dark chocolate ice cream, 500 ml',
    amount: '7.49',
    category: 'ice-cream',
    description: 'Made with 72 percent chocolate. It melts slowly, which is the point.',
    attributes: { flavor: 'chocolate', origin: 'Ecuador' },
    variants: by('recipe', ['CLASSIC', 'classic', 35], ['VEGAN', 'vegan', 18, '7.99']),
  },
  {
    number: 13,
    sku: 'ICE-MANGO-POP-4',
    name: 'Mango ice pops, 4 pieces',
    amount: '4.80',
    category: 'ice-cream',
    description: 'Frozen fruit and nothing else, on a stick of birch.',
    attributes: { flavor: 'mango', recipe: 'vegan', origin: 'Kerala' },
    variants: by('pack', ['FOUR', '4 pieces', 70], ['TWELVE', '12 pieces', 16, '12.60']),
  },
  {
    number: 15,
    sku: 'ICE-CONE-12',
    name: 'Waffle cones, 12 pieces',
    amount: '4.15',
    category: 'ice-cream',
    description: 'Rolled by hand while hot, and stiff enough for two scoops.',
    attributes: { diet: 'vegan' },
    variants: by('flour', ['WHEAT', 'wheat', 200], ['RICE', 'rice', 25, '5.20']),
  },
  {
    number: 17,
    sku: 'ART-PENCIL-COL-24',
    name: 'Colored pencils, 24 pieces',
    amount: '21.50',
    category: 'art-supplies',
    description: 'Soft cores with much pigment, in cedar that sharpens without splinters.',
    attributes: { medium: 'pencil', level: 'student' },
    variants: by(
      'case',
      ['CARD', 'cardboard', 44],
      ['TIN', 'tin', 19, '24.50'],
      ['WOOD', 'wood', 3, '39.00'],
    ),
  },
  {
    number: 18,
    sku: 'ART-SKETCH-A4',
    name: 'Sketchbook A4, 80 sheets',
    amount: '12.75',
    category: 'art-supplies',
    description: 'Paper of 120 g/m² that takes pencil, charcoal and a light wash.',
    attributes: { medium: 'paper', size: 'A4' },
    variants: sketchbooks('15.25'),
  },
  {
    number: 19,
    sku: 'ART-SKETCH-A5',
    name: 'Sketchbook A5, 80 sheets',
    amount: '8.75',
    category: 'art-supplies',
    description: 'The paper of the large one, in a size that fits a coat pocket.',
    attributes: { medium: 'paper', size: 'A5' },
    variants: sketchbooks('10.50'),
  },
  {
    number: 21,
    sku: 'ART-BRUSH-ROUND-6',
    name: 'Round brushes, set of 6',
    amount: '18.40',
    category: 'art-supplies',
    description: 'Sizes 0 to 10. The handles are weighted, so that they stay where you put them.',
    attributes: { medium: 'brush', level: 'studio' },
    variants: by('hair', ['SYNTHETIC', 'synthetic', 33], ['SABLE', 'sable', 6, '64.00']),
  },
  {
    number: 27,
    sku: 'ART-CANVAS-40X50',
    name: 'Stretched canvas, 40 x 50 cm',
    amount: '11.20',
    category: 'art-supplies',
    description: 'Primed three times and stretched over kiln-dried pine.',
    attributes: { medium: 'canvas', size: '40 x 50 cm' },
    variants: by('cloth', ['COTTON', 'cotton', 58], ['LINEN', 'linen', 11, '19.90']),
  },
  {
    number: 28,
    sku: 'EU-NOUGAT-200',
    name: 'Soft nougat from Montélimar, 200 g',
    amount: '7.90',
    currency: 'EUR',
    category: 'snacks',
    description: 'Lavender honey, egg white and more nuts than anything else.',
    attributes: { diet: 'vegetarian', origin: 'Montélimar' },
    variants: by('nuts', ['ALMOND', 'almond', 26], ['PISTACHIO', 'pistachio', 8, '9.40']),
  },
];

/** The id of a product of the shop: the same in every database, so that links to it stay valid. */
export const shopId = (number: number): string =>
  `019b76da-a800-7000-8000-${String(number).padStart(12, '0')}`;

/** The id of a variant of such a product. */
export const shopVariantId = (number: number, position: number): string =>
  `019b76da-a800-7000-9000-${String(number * 100 + position).padStart(12, '0')}`;

/** When the shop began to offer a product of its own. */
export const offeredAt = (number: number): Date => new Date(Date.UTC(2026, 0, 1) + (number - 1) * 1000);
