import type { z } from 'zod';
import type { Actor, Role } from '#core/access/actor.ts';

/** A use case or a read of core, as a route calls it. */
export interface Call<Input, Output> {
  readonly name: string;
  readonly may: readonly Role[];
  readonly effect: 'change' | 'read';
  readonly looks?: true;
  (actor: Actor, input: Input): Promise<Output>;
}

/** What core is known by where only its rules matter. */
export type Rule = Pick<Call<never, unknown>, 'name' | 'may' | 'effect' | 'looks'>;

type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamsOf<Rest>
  : never;

/** The state that a change was made on the ground of: its version, or the name of what has none. */
export interface Ground {
  readonly version?: number;
  readonly name?: string;
}

/** A request's parts, checked. */
export interface Asked<Params extends string = string, Query = unknown, Body = unknown> {
  readonly path: Readonly<Record<Params, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Where the request names the state that it is made on the ground of, with `If-Match`. */
  readonly ground?: Ground;
}

/** What a route has done. */
export interface Done {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The caller has it already, as its `If-None-Match` says (RFC 9110, 15.4.5). */
  readonly notModified?: true;
}

/** Is told the id of what was made or changed as soon as it is, before it is read for the answer. */
export type Changed = (resource: string) => Promise<void>;

/** What the documents say of a route. */
interface Documented {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Under `/api/v1`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Statuses of refusals that its method and path do not tell. */
  readonly refuses?: readonly ('404' | '409' | '422')[];
}

/** One route as the dispatcher and the documents read it. */
export interface Route extends Documented {
  readonly rule: Rule;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly status: number;
  /** None: the answer has no body. */
  readonly answers?: z.ZodType;
  /** The media types of a stream, which is of events where there are none. */
  readonly types?: readonly string[];
  /** The answer is a stream: of events, each with a body as `answers` says, or a file as `types` says. */
  readonly stream?: (actor: Actor, asked: Asked, request: Request) => Promise<Response>;
  readonly perform: (actor: Actor, asked: Asked, request: Request, changed?: Changed) => Promise<Done>;
  /** The resource as it stands now, where a request under an `Idempotency-Key` is sent again. */
  readonly again?: (actor: Actor, resource: string) => Promise<Done>;
  /** The resource as it stands now, where a change may be made on the ground of its `ETag`. */
  readonly protects?: (actor: Actor, asked: Asked) => Promise<{ body: unknown; ground: Ground }>;
}

/** The media types of which an answer has one. */
export const typesOf = ({ types, stream }: Route): readonly string[] =>
  types ?? [stream === undefined ? 'application/json' : 'text/event-stream'];

interface Asking<Path extends string, Query extends z.ZodObject, Body extends z.ZodType, Input, Output>
  extends Documented {
  readonly path: Path;
  readonly calls: Call<Input, Output>;
  readonly query?: Query;
  readonly body?: Body;
  readonly input: (asked: Asked<ParamsOf<Path>, z.output<Query>, z.output<Body>>) => Input;
}

/** Declares a route that answers what core answers. */
export function answering<
  Path extends string,
  Input,
  Output,
  Answer extends z.ZodType,
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUndefined,
>(
  declared: Asking<Path, Query, Body, Input, Output> & {
    readonly answers: Answer;
    readonly answer: (
      output: Output,
      asked: Asked<ParamsOf<Path>, z.output<Query>, z.output<Body>>,
    ) => z.input<Answer> | Promise<z.input<Answer>>;
  },
): Route {
  const { calls, input, answer, ...rest } = declared;
  return {
    ...rest,
    rule: calls,
    status: 200,
    perform: async (actor, asked) => {
      const known = asked as Parameters<typeof input>[0];
      return { body: await answer(await calls(actor, input(known)), known) };
    },
  };
}

/** How a resource is shown: after a change, and again when the same request is sent again. */
export interface Shown<Answer extends z.ZodType = z.ZodType> {
  readonly answers: Answer;
  readonly path: (id: string) => string;
  readonly read: (actor: Actor, id: string) => Promise<z.input<Answer>>;
}

/** Declares a route that changes something, and answers the resource as it stands afterwards. */
export function changing<
  Path extends string,
  Input,
  Output,
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUndefined,
>(
  declared: Asking<Path, Query, Body, Input, Output> & {
    readonly status: 200 | 201 | 202;
    readonly shows: Shown;
    /** The id of the resource. */
    readonly resource: (output: Output, path: Readonly<Record<ParamsOf<Path>, string>>) => string;
    readonly headers?: (output: Output) => Record<string, string>;
    /** What is answered this once and never again, such as a secret. */
    readonly once?: (output: Output) => Readonly<Record<string, unknown>>;
    readonly protects?: Route['protects'];
  },
): Route {
  const { calls, input, shows, resource, headers, once, ...rest } = declared;
  const { status } = rest;
  const location = (id: string): Record<string, string> =>
    status === 200 ? {} : { location: `/api/v1${shows.path(id)}` };
  const again = async (actor: Actor, id: string) => ({
    body: await shows.read(actor, id),
    headers: location(id),
  });
  return {
    ...rest,
    rule: calls,
    answers: shows.answers,
    perform: async (actor, asked, _request, changed) => {
      const known = asked as Parameters<typeof input>[0];
      const output = await calls(actor, input(known));
      const id = resource(output, known.path);
      await changed?.(id);
      const done = await again(actor, id);
      const body = once === undefined ? done.body : { ...Object(done.body), ...once(output) };
      return { ...done, body, headers: { ...done.headers, ...headers?.(output) } };
    },
    ...(rest.method === 'POST' ? { again } : {}),
  };
}

/** Declares a route that takes something away, or closes it, and answers nothing. */
export function removing<
  Path extends string,
  Input,
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUndefined,
>(declared: Asking<Path, Query, Body, Input, unknown>): Route {
  const { calls, input, ...rest } = declared;
  return {
    ...rest,
    rule: calls,
    status: 204,
    perform: async (actor, asked) => {
      await calls(actor, input(asked as Parameters<typeof input>[0]));
      return {};
    },
  };
}
