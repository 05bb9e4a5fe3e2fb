export { wholeNumber } from '../config/setting.ts';
export {
  headersTooLarge,
  invalidRequest,
  invalidToken,
  malformedJson,
  malformedRequest,
  malformedUrl,
  methodNotAllowed,
  missingCredentials,
  notFound,
  requestTimeout,
  serviceUnavailable,
} from '../problem/common-problems.ts';
export { defineProblem, type Fault, ProblemError, type ProblemType } from '../problem/problem.ts';
export { type App, type AppDeps, type AppOptions, createApp } from './app.ts';
export {
  type CallerOptions,
  type Callers,
  callerOptions,
  createCallers,
  type Operator,
  type Shopper,
} from './callers.ts';
export { defineRoute, type Reply, type ResponseContract, type RouteContract } from './contract.ts';
export { describeIssue, toFaults } from './faults.ts';
export { createHttpServer } from './http-server.ts';
export { formatInstant } from './instant.ts';
export { launch } from './launch.ts';
export { networkOptions } from './network-options.ts';
export { escapeHtml, htmlType, renderPage } from './page.ts';
export type { ContractRequest } from './parse-request.ts';
export { problemTable } from './problem-catalogue.ts';
export { problemSchema, problemsOf } from './problem-schema.ts';
export { contextOf } from './request-context.ts';
export { type ContractRouter, createRouter, type Handler, route } from './router.ts';
export { type ServeOptions, StartError, serve } from './serve.ts';
export { storableText, text } from './text.ts';
export { formatTraceparent, type TraceContext } from './trace-context.ts';
