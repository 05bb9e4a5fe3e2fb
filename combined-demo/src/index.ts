export { createDemoAccounts } from './accounts/demo-accounts.ts';
export { composeDemo, type DemoContext } from './app.ts';
export { type CombinedDemoSettings, combinedDemoSettings } from './config.ts';
export { type DemoTables, demoMigrations, openDemoDatabase } from './database.ts';
export { startDemoFlags } from './flags.ts';
export { stockShop } from './stock.ts';
