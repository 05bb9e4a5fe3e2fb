export {
  forbidden,
  headersTooLarge,
  invalidRequest,
  malformedRequest,
  malformedUrl,
  methodNotAllowed,
  notFound,
  requestTimeout,
  serviceUnavailable,
} from '../problem/common-problems.ts';
export { defineProblem, ProblemError, type ProblemType } from '../problem/problem.ts';
export {
  addressNotFound,
  rateLimited,
  unknownPromo,
  unknownSku,
  versionConflict,
} from '../problem/shop-problems.ts';
export { accessLog } from './app/access-log.ts';
export { type App, type AppDeps, type AppOptions, createApp } from './app/app.ts';
export { deadline } from './app/deadline.ts';
export { problemHandler } from './app/problem-handler.ts';
export { contextOf, requestContext, routeOf } from './app/request-context.ts';
export { securityHeaders } from './app/security-headers.ts';
export { formatTraceparent } from './app/trace-context.ts';
export { multipartBody } from './body/multipart-body.ts';
export { rawBody } from './body/raw-body.ts';
export { type IncomingBody, streamBody } from './body/stream-body.ts';
export { tagOf } from './docs/openapi.ts';
export { escapeHtml, htmlType } from './docs/page.ts';
export { problemTable } from './docs/problem-catalogue.ts';
export { problemSchema, problemsOf } from './docs/problem-schema.ts';
export { fileRoute, filesRoute } from './docs/static-file.ts';
export {
  type Caller,
  type Callers,
  callerOptions,
  createCallers,
  type Shopper,
  type VerifyToken,
} from './route/callers.ts';
export {
  anyMediaType,
  type Content,
  defineRoute,
  type Reply,
  type ResponseContract,
  type RouteContract,
  type Tag,
} from './route/contract.ts';
export { setCookie, setSignedCookie } from './route/cookies.ts';
export { describeIssue, toFaults } from './route/faults.ts';
export type { ContractRequest } from './route/parse-request.ts';
export { type Around, type ContractRouter, createRouter, type Route, route } from './route/router.ts';
export { storableText, text } from './route/text.ts';
export { guard, type HandlerWrap, requireCaller, wrapHandlers } from './route/wrap.ts';
export { createHttpServer } from './server/http-server.ts';
export { type ServerContext, serve } from './server/serve.ts';
