export { createDemoApp, type DemoDeps } from './app.ts';
export { type CombinedDemoSettings, combinedDemoSettings } from './config.ts';
export { type DemoTables, openDemoDatabase } from './database.ts';
export { stockShop } from './stock.ts';
