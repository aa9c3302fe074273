import { AsyncLocalStorage } from 'node:async_hooks';
import { type AuditEvent, auditEventSchema } from '#core/audit/events.ts';

/** The request in which something happens, as audit events tell it. */
export interface Origin {
  readonly requestId?: string | undefined;
  readonly address?: string | undefined;
}

const origins = new AsyncLocalStorage<Origin>();

/** Runs work for a request: every event that is recorded in it carries the request's id and address. */
export function inOrigin<T>({ requestId, address }: Origin, work: () => Promise<T>): Promise<T> {
  return requestId === undefined && address === undefined
    ? work()
    : origins.run({ requestId, address }, work);
}

/** An event as it is stored: checked, and with the request that it comes from. What it says itself stays. */
export function completeEvent(event: AuditEvent) {
  return auditEventSchema.parse({ ...origins.getStore(), ...event });
}
