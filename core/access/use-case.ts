import { z } from 'zod';
import type { Actor, Role } from '#core/access/actor.ts';
import { isFresh } from '#core/access/is-fresh.ts';
import { asTaken } from '#core/access/name-taken.ts';
import { credentialInScope, scopeOf, scopeValues } from '#core/access/scope.ts';
import { inOrigin } from '#core/audit/origin.ts';
import { type Database, db, unwrapped } from '#lib/db.ts';
import { faultsInWords, readInput } from '#lib/faults.ts';
import { notFound, Problem } from '#lib/problem.ts';

export interface Context {
  readonly actor: Actor;
  readonly db: Database;
}

interface Declaration<Input extends z.ZodType> {
  /** `verb-noun`, the file's own name. */
  readonly name: string;
  /** Roles that may; the system always may. */
  readonly may: readonly Role[];
  /**
   * What an actor's limits are compared with. `credential`: the credential that the input names, and a list shows no others.
   * `everything`: concerns all credentials or none, so whoever is limited changes nothing by it. `own`: the actor's own account.
   */
  readonly scope: 'credential' | 'everything' | 'own';
  /** A change of nothing but the audit log, which tells that somebody looked. */
  readonly looks?: true;
  /** It is also for people who have yet to set up the second factor that everybody must have. */
  readonly beforeSecondFactor?: true;
  readonly input: Input;
}

/** A change, with its rules. Call it with an actor and raw input. */
export interface UseCase<Input extends z.ZodType = z.ZodType, Output = unknown> extends Declaration<Input> {
  readonly effect: 'change';
  /** The actor must have signed in, or given the password again, within the last five minutes. */
  readonly stepUp: boolean;
  (actor: Actor, input: z.input<Input>): Promise<Output>;
}

/** A question, with its rules. It never answers sealed values. */
export interface Read<Input extends z.ZodType = z.ZodType, Output = unknown> extends Declaration<Input> {
  readonly effect: 'read';
  (actor: Actor, input: z.input<Input>): Promise<Output>;
}

const originOf = (actor: Actor) => ({
  requestId: actor.requestId,
  address: actor.kind === 'system' ? undefined : actor.address,
});

interface Rule {
  readonly name: string;
  readonly may: readonly Role[];
  readonly effect: 'change' | 'read';
  readonly looks?: true;
}

/** Refuses, with a `Problem` 403, an actor whose role may not, and one whose role may but whose access token is for looking. */
export function requireRole(actor: Actor, rule: Rule): void {
  if (actor.kind !== 'system' && !rule.may.includes(actor.role)) {
    const takes =
      rule.may.length === 0
        ? 'Nobody may who is signed in; Rekey does it by itself.'
        : `It takes the role ${rule.may.join(' or ')}; an admin can grant it.`;
    throw new Problem(
      403,
      'role_missing',
      `Your role "${actor.role}" may not ${rule.name.replaceAll('-', ' ')}. ${takes}`,
    );
  }
  const isChange = rule.effect === 'change' && rule.looks !== true;
  if (isChange && actor.kind === 'api_client' && actor.looksOnly && !rule.may.includes('viewer')) {
    const sentence = `This access token is for looking. To ${rule.name.replaceAll('-', ' ')}, get one with the scope rekey:write; nothing was changed.`;
    throw new Problem(403, 'role_missing', sentence);
  }
}

/** Refuses, with a `Problem` 403, whoever must have a second factor and has none, whatever is not for setting one up. */
function requireSecondFactor(actor: Actor, rule: { beforeSecondFactor?: true }): void {
  if (actor.kind === 'user' && actor.lacksSecondFactor === true && rule.beforeSecondFactor !== true) {
    throw new Problem(
      403,
      'second_factor_required',
      'Everybody here must have a second factor, and you have none yet. Add an authenticator on the page Your account; nothing was changed.',
    );
  }
}

function howToProve(actor: Actor): string {
  if (actor.kind !== 'user') {
    return 'This takes an access token that is younger than five minutes: get a new one and send it again';
  }
  return actor.signsInAgain === true
    ? 'Sign in again at the single sign-on to do this'
    : 'Give your password again to do this';
}

async function requireStepUp({ actor, db: database }: Context): Promise<void> {
  if (actor.kind !== 'system' && !(await isFresh(database, actor.stepUpAt))) {
    throw new Problem(403, 'step_up_required', `${howToProve(actor)}; nothing was changed.`);
  }
}

/** What an input names that lies within somebody's limits or outside of them. */
const named = z.object({
  credentialId: z.string().optional(),
  rotationId: z.string().optional(),
  bindingId: z.string().optional(),
  findingId: z.string().optional(),
  batchId: z.string().optional(),
  credentialIds: z.array(z.string()).optional(),
});

/** Whether each of them is there, and is of a credential within the limits. */
const NAMED_IN_SCOPE = `
  select ($3::uuid is null or exists (
            select 1 from credentials c where c.id = $3 and ${credentialInScope})) as credential,
         ($4::uuid is null or exists (
            select 1 from rotations r join credentials c on c.id = r.credential_id
             where r.id = $4 and ${credentialInScope})) as rotation,
         ($5::uuid is null or exists (
            select 1 from bindings b join credentials c on c.id = b.credential_id
             where b.id = $5 and ${credentialInScope})) as binding,
         ($6::uuid is null or exists (
            select 1 from findings f join credentials c on c.id = f.credential_id
             where f.id = $6 and ${credentialInScope})) as finding,
         ($7::uuid is null or (
            exists (select 1 from batches b where b.id = $7)
            and not exists (
              select 1 from batch_members m join credentials c on c.id = m.credential_id
               where m.batch_id = $7 and not (${credentialInScope})))) as batch,
         not exists (
            select 1 from unnest($8::uuid[]) as w(id) where not exists (
              select 1 from credentials c where c.id = w.id and ${credentialInScope})) as credentials`;

const NAMES = ['credential', 'rotation', 'binding', 'finding', 'batch', 'credentials'] as const;

/** The environment and the labels of a credential that is to be made; one that is named is there already. */
const made = z.object({
  credentialId: z.undefined().optional(),
  environment: z.string(),
  labels: z.array(z.string()).default([]),
});

/** Whoever is limited makes credentials within the limits only. */
function requireWithin(actor: Actor, parsed: unknown): void {
  const wish = made.safeParse(parsed);
  const [environments, labels] = scopeValues(actor);
  if (!wish.success) {
    return;
  }
  const { environment } = wish.data;
  const isWithin =
    (environments.length === 0 || environments.includes(environment)) &&
    (labels.length === 0 || wish.data.labels.some((label) => labels.includes(label)));
  if (!isWithin) {
    const sentence =
      labels.length === 0
        ? `You are limited to other credentials than those of "${environment}".`
        : `You are limited to other credentials than those of "${environment}" with these labels.`;
    throw new Problem(403, 'out_of_scope', `${sentence} Nothing was changed.`);
  }
}

/**
 * What is outside of the actor's limits does not exist for them. Every id that an input names is asked for, so that one
 * within the limits opens nothing beside it.
 */
async function requireScope({ actor, db: { pool } }: Context, parsed: unknown): Promise<void> {
  if (scopeOf(actor) === null) {
    return;
  }
  const { credentialId, rotationId, bindingId, findingId, batchId, credentialIds = [] } = named.parse(parsed);
  const ids = [credentialId, rotationId, bindingId, findingId, batchId].map((id) => id ?? null);
  const { rows } = await pool.query<Record<(typeof NAMES)[number], boolean>>(NAMED_IN_SCOPE, [
    ...scopeValues(actor),
    ...ids,
    credentialIds,
  ]);
  for (const what of NAMES) {
    if (rows[0]?.[what] !== true) {
      throw notFound(what === 'credentials' ? 'credential' : what);
    }
  }
}

/** Refuses, with a `Problem` 403, whoever is limited to some credentials: for what concerns all of them. */
export function refuseLimited(actor: Actor): void {
  if (scopeOf(actor) !== null) {
    throw new Problem(
      403,
      'out_of_scope',
      'This concerns everything here, and you are limited to some credentials. Nothing was changed.',
    );
  }
}

function parse<Input extends z.ZodType>(schema: Input, input: unknown): z.output<Input> {
  const { data, faults } = readInput(schema, input);
  if (faults !== null) {
    throw new Problem(400, 'bad_input', `${faultsInWords(faults)} Nothing was changed.`, {}, faults);
  }
  return data;
}

/** The database's refusal under too many requests is the same one through Prisma. */
const thrown = (error: unknown): never => {
  throw asTaken(unwrapped(error));
};

/** Declares a change: the rules are checked before the work starts, in this order: role, second factor, input, limits, step-up. */
export function useCase<Input extends z.ZodType, Output>(
  declaration: Declaration<Input> & { readonly stepUp: boolean },
  work: (context: Context, input: z.output<Input>) => Promise<Output>,
): UseCase<Input, Output> {
  const call = async (actor: Actor, input: z.input<Input>) => {
    requireRole(actor, { ...declaration, effect: 'change' });
    requireSecondFactor(actor, declaration);
    if (declaration.scope === 'everything') {
      refuseLimited(actor);
    }
    const parsed = parse(declaration.input, input);
    const context = { actor, db: db() };
    if (declaration.scope === 'credential') {
      requireWithin(actor, parsed);
      await requireScope(context, parsed);
    }
    if (declaration.stepUp) {
      await requireStepUp(context);
    }
    return inOrigin(originOf(actor), () => work(context, parsed)).catch(thrown);
  };
  return Object.defineProperties(call, describe({ ...declaration, effect: 'change' })) as UseCase<
    Input,
    Output
  >;
}

/** Declares a question. */
export function read<Input extends z.ZodType, Output>(
  declaration: Declaration<Input>,
  work: (context: Context, input: z.output<Input>) => Promise<Output>,
): Read<Input, Output> {
  const call = async (actor: Actor, input: z.input<Input>) => {
    requireRole(actor, { ...declaration, effect: 'read' });
    requireSecondFactor(actor, declaration);
    const parsed = parse(declaration.input, input);
    const context = { actor, db: db() };
    if (declaration.scope === 'credential') {
      await requireScope(context, parsed);
    }
    return work(context, parsed).catch(thrown);
  };
  return Object.defineProperties(call, describe({ ...declaration, effect: 'read' })) as Read<Input, Output>;
}

// A function's own `name` is read-only, so the declaration is laid over it.
function describe(properties: object): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, { value, enumerable: true, configurable: true }]),
  );
}
