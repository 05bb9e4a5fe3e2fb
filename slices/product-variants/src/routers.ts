import type { Callers, ContractRouter } from '@lab/shared/http';
import type { Cursors } from '@lab/shared/pagination';
import { createCategoryRouter } from './categories/category-router.ts';
import { createCategoryTree } from './categories/category-tree.ts';
import { createProductEditor, type EditorDeps } from './editing/product-editor.ts';
import { createDetailRouter, createEditRouter } from './editing/product-router.ts';
import { createSearchRouter } from './search/list-router.ts';

export interface VariantDeps extends EditorDeps {
  readonly cursors: Cursors;
  readonly callers: Callers;
}

/** All routes of the slice, in place of those of catalog-pagination. */
export const createVariantRouters = (deps: VariantDeps): readonly ContractRouter[] => {
  const editor = createProductEditor(deps);
  return [
    createSearchRouter(deps),
    createDetailRouter({ editor }),
    createEditRouter({ ...deps, editor }),
    createCategoryRouter({ ...deps, tree: createCategoryTree(deps.db) }),
  ];
};

export { tag } from './editing/product-contract.ts';
