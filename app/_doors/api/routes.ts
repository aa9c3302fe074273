import { apiClientRoutes } from '#app/_doors/api/api-clients.ts';
import { auditEventRoutes } from '#app/_doors/api/audit-events.ts';
import { auditSealRoutes } from '#app/_doors/api/audit-seal.ts';
import { batchRoutes } from '#app/_doors/api/batches.ts';
import { bindingRoutes } from '#app/_doors/api/bindings.ts';
import { calendarRoutes } from '#app/_doors/api/calendar.ts';
import { credentialRoutes } from '#app/_doors/api/credentials.ts';
import { fetchRoutes } from '#app/_doors/api/fetches.ts';
import { importRoutes } from '#app/_doors/api/imports.ts';
import { issuerRoutes } from '#app/_doors/api/issuers.ts';
import { notifierRoutes } from '#app/_doors/api/notifiers.ts';
import { overviewRoutes } from '#app/_doors/api/overview.ts';
import { pauseRoutes } from '#app/_doors/api/pauses.ts';
import { policyRoutes } from '#app/_doors/api/policies.ts';
import { restorationRoutes } from '#app/_doors/api/restoration.ts';
import { rotationActionRoutes } from '#app/_doors/api/rotation-actions.ts';
import { rotationRoutes } from '#app/_doors/api/rotations.ts';
import type { Route } from '#app/_doors/api/route.ts';
import { targetRoutes } from '#app/_doors/api/targets.ts';
import { userRoutes } from '#app/_doors/api/users.ts';
import { viewRoutes } from '#app/_doors/api/views.ts';
import { webhookEndpointRoutes } from '#app/_doors/api/webhook-endpoints.ts';

/** Every route of `/api/v1`. The dispatcher, the OpenAPI document and the reference page read this table. */
export const routes: readonly Route[] = [
  ...overviewRoutes,
  ...issuerRoutes,
  ...targetRoutes,
  ...credentialRoutes,
  ...importRoutes,
  ...bindingRoutes,
  ...fetchRoutes,
  ...rotationRoutes,
  ...rotationActionRoutes,
  ...batchRoutes,
  ...policyRoutes,
  ...calendarRoutes,
  ...pauseRoutes,
  ...restorationRoutes,
  ...notifierRoutes,
  ...apiClientRoutes,
  ...webhookEndpointRoutes,
  ...userRoutes,
  ...auditEventRoutes,
  ...auditSealRoutes,
  ...viewRoutes,
];
