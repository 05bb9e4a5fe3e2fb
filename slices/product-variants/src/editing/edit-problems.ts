import { defineProblem } from '@lab/shared/http';

export const skuTaken = defineProblem({
  code: 'sku_taken',
  status: 409,
  title: 'The SKU belongs to another product or variant',
  explanation: 'Each SKU names one thing that can be bought. Choose another one; nothing was stored.',
});

export const unknownCategory = defineProblem({
  code: 'unknown_category',
  status: 422,
  title: 'No category has this id',
  explanation: '`GET /categories` lists the categories. Nothing was stored.',
});

export const invalidVariants = defineProblem({
  code: 'invalid_variants',
  status: 422,
  title: 'The variants do not differ as they must',
  explanation:
    'All variants of a product have the same attribute names, no two have the same values, and all prices are in the currency of the product.',
});

export const currencyFixed = defineProblem({
  code: 'currency_fixed',
  status: 422,
  title: 'A product keeps its currency',
  explanation: 'Carts may hold the product in its currency. Create another product for another currency.',
});

export const preconditionRequired = defineProblem({
  code: 'precondition_required',
  status: 428,
  title: 'The request does not say which version it changes',
  explanation:
    'Send the `ETag` of the product that you read as `If-Match`, so that your change cannot undo one that you have not seen.',
});

export const preconditionFailed = defineProblem({
  code: 'precondition_failed',
  status: 412,
  title: 'The product has changed since you read it',
  explanation:
    'Its `ETag` is no longer the one in `If-Match`, because of another editor or because stock was sold. Nothing was stored. Read the product again, and repeat the change if it is still right.',
});
