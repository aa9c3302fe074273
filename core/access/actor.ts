export const roles = ['viewer', 'auditor', 'operator', 'approver', 'admin'] as const;

export type Role = (typeof roles)[number];

/** What an actor is limited to. An empty list limits nothing. */
export interface Scope {
  /** Credentials of one of these environments. */
  readonly environments: readonly string[];
  /** Credentials with at least one of these labels. */
  readonly labels: readonly string[];
}

interface Authenticated {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** When it last proved who it is: a person's password, or at a single sign-on that tells when; an API client's secret. */
  readonly stepUpAt: Date;
  /** What it is limited to; where it is missing, nothing limits it. */
  readonly scope?: Scope;
  readonly address?: string;
  readonly requestId?: string;
}

/** Who asks, with everything that decides what they may do. */
export type Actor =
  | ({
      readonly kind: 'user';
      readonly sessionId?: string;
      /** Everybody must have a second factor, and this person has none yet. */
      readonly lacksSecondFactor?: boolean;
      /** Came through the single sign-on and has nothing here to give again: a step-up is to sign in there again. */
      readonly signsInAgain?: boolean;
    } & Authenticated)
  | ({
      readonly kind: 'api_client';
      /** Its access token is for looking: it changes what a viewer may change, and nothing more. */
      readonly looksOnly?: boolean;
    } & Authenticated)
  | { readonly kind: 'system'; readonly id: null; readonly name: string; readonly requestId?: string };

/** What acts for schedules, for seeding and on the command line of the server itself. */
export const system = (name: string): Actor => ({ kind: 'system', id: null, name });

/** The part of an actor that audit events carry. */
export function auditActor(actor: Actor): { kind: Actor['kind']; id: string | null; name: string } {
  return { kind: actor.kind, id: actor.id, name: actor.name };
}
