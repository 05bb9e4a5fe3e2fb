import { defineProblem } from '@lab/shared/http';

export const categoryNotFound = defineProblem({
  code: 'category_not_found',
  status: 404,
  title: 'No category has this id',
  explanation: '`GET /categories` lists the categories.',
});

export const categoryExists = defineProblem({
  code: 'category_exists',
  status: 409,
  title: 'Another category has this id',
  explanation: 'Choose another id, or change the category that has it with `PATCH /categories/:id`.',
});

export const categoryCycle = defineProblem({
  code: 'category_cycle',
  status: 409,
  title: 'The category would be below itself',
  explanation:
    'The new parent is the category itself, or is below it, perhaps because of another move at the same time. Nothing was changed.',
});

export const categoryNotEmpty = defineProblem({
  code: 'category_not_empty',
  status: 409,
  title: 'The category is not empty',
  explanation: 'It has products or subcategories. Move or delete them first.',
});

export const categoryTooDeep = defineProblem({
  code: 'category_too_deep',
  status: 422,
  title: 'The tree would have too many levels',
  explanation:
    'A product is listed under every category above it, so the tree has at most 10 levels. Choose a parent nearer to the root.',
});
