/** A product of the sample shop, as the API shows it before anything of it is sold. */
const common = {
  id: '019b76da-a800-7000-8000-000000000009',
  sku: 'ICE-VANILLA-500',
  name: 'Vanilla bean ice cream, 500 ml',
  category: 'ice-cream',
  price: { amount: '6.99', currency: 'USD' },
  in_stock: true,
  created_at: '2026-01-01T00:00:08.000Z',
  attributes: { flavor: 'vanilla', origin: 'Madagascar' },
  from_price: { amount: '6.99', currency: 'USD' },
};

const variant = (position: number, recipe: string, amount: string, available: number) => ({
  id: `019b76da-a800-7000-9000-00000000090${position}`,
  sku: `ICE-VANILLA-500-${recipe.toUpperCase()}`,
  attributes: { recipe },
  price: { amount, currency: 'USD' },
  available,
});

export const iceCreamExample = {
  listed: common,
  detailed: {
    ...common,
    description: 'Fourteen vanilla pods to a churn, and no coloring: the specks are all there is to see.',
    variants: [
      variant(0, 'classic', '6.99', 48),
      variant(1, 'lactose-free', '7.49', 12),
      variant(2, 'vegan', '7.99', 0),
    ],
  },
};
