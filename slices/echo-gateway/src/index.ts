export { echoGatewaySettings } from './config.ts';
export { maskSensitive, sensitive } from './masking.ts';
export { createEchoRouter, type EchoDeps } from './router.ts';
