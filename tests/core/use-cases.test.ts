import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Actor, type Role, roles } from '#core/access/actor.ts';
import { type Read, read, type UseCase } from '#core/access/use-case.ts';
import { EnvError } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

const rooms = [
  'rotation',
  'credentials',
  'issuers',
  'targets',
  'policies',
  'users',
  'clients',
  'evidence',
  'notifiers',
  'webhooks',
  'backup',
];
const core = path.resolve('core');

type Declared = UseCase | Read;

function isDeclared(value: unknown): value is Declared {
  return typeof value === 'function' && 'effect' in value && 'may' in value;
}

function filesOf(folder: string): string[] {
  const whole = path.join(core, folder);
  if (!fs.existsSync(whole)) return [];
  return fs
    .readdirSync(whole, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(folder, file));
}

async function load(file: string): Promise<{ file: string; exports: unknown[]; declared: Declared[] }> {
  const module = (await import(path.join(core, file))) as Record<string, unknown>;
  const exports = Object.values(module);
  return { file, exports, declared: exports.filter(isDeclared) };
}

const modules = await Promise.all(rooms.flatMap(filesOf).map(load));
const useCases = modules.flatMap((module) => module.declared);

test('the rooms of core are found, and use cases in them', () => {
  expect(modules.length).toBeGreaterThanOrEqual(4);
  expect(useCases.map((declared) => declared.name)).toContain('create-user');
});

test.each(modules.map((module) => [module.file, module] as const))(
  'core/%s exports one use case or read and nothing else, or none at all',
  (_file, module) => {
    if (module.declared.length > 0) {
      expect(module.exports).toHaveLength(1);
    }
  },
);

test.each(
  modules
    .filter((module) => module.declared.length > 0)
    .map((module) => [module.file, module.declared] as const),
)('core/%s has the name of what it declares, a verb and what it is done to', (file, declared) => {
  expect(declared.map((one) => one.name)).toEqual([path.basename(file, '.ts')]);
  expect(path.basename(file)).toMatch(/^[a-z]+(-[a-z]+)+\.ts$/);
});

test('no two use cases have the same name', () => {
  const names = useCases.map((declared) => declared.name);
  expect(names).toEqual([...new Set(names)]);
});

test('shelves declare no use case', async () => {
  const shelves = fs.readdirSync(core).filter((folder) => !rooms.includes(folder));
  const loaded = await Promise.all(shelves.flatMap(filesOf).map(load));
  expect(loaded.filter((module) => module.declared.length > 0).map((module) => module.file)).toEqual([]);
});

describe('the authorization matrix', () => {
  // Without a database, whatever is not refused first ends with EnvError: so a 403 shows that nothing was touched.
  beforeAll(() => {
    delete process.env.DATABASE_URL;
  });

  async function outcome(declared: Declared, role: Role): Promise<unknown> {
    const actor: Actor = { kind: 'user', id: 'u1', name: 'Ada', role, stepUpAt: new Date() };
    try {
      return await declared(actor, undefined);
    } catch (error) {
      return error;
    }
  }

  test.each(useCases.map((declared) => [declared.name, declared] as const))(
    '%s declares known roles, each once, and a step-up for a change',
    (_name, declared) => {
      expect([...declared.may]).toEqual([...new Set(declared.may)]);
      expect(roles).toEqual(expect.arrayContaining([...declared.may]));
      expect(['change', 'read']).toContain(declared.effect);
      if (declared.effect === 'change') expect(declared.stepUp).toBeTypeOf('boolean');
    },
  );

  test.each(useCases.flatMap((declared) => roles.map((role) => [declared.name, role, declared] as const)))(
    '%s as %s: refused with 403 before any work unless the role may',
    async (_name, role, declared) => {
      const error = await outcome(declared, role);
      if (declared.may.includes(role)) {
        expect(error).not.toMatchObject({ code: 'role_missing' });
      } else {
        expect(error).toBeInstanceOf(Problem);
        expect(error).toMatchObject({ status: 403, code: 'role_missing' });
      }
    },
  );

  test('a role that may gets past the check and ends for lack of a database: the check has teeth', async () => {
    const rules = { name: 'see-nothing', may: ['viewer'] as const, scope: 'everything' as const };
    const probe = read({ ...rules, input: z.undefined() }, async () => 'worked');
    expect(await outcome(probe, 'viewer')).toBeInstanceOf(EnvError);
    expect(await outcome(probe, 'admin')).toMatchObject({ status: 403 });
  });

  test('whoever must have a second factor and has none does nothing but see the account, set one up and sign out', async () => {
    const ran: string[] = [];
    for (const declared of useCases) {
      const role = declared.may[0] ?? 'admin';
      const actor: Actor = {
        kind: 'user',
        id: 'u1',
        name: 'Ada',
        role,
        stepUpAt: new Date(),
        lacksSecondFactor: true,
      };
      const error: unknown = await declared(actor, undefined).catch((reason: unknown) => reason);
      const code = error instanceof Problem ? error.code : 'got past';
      if (declared.may.length > 0 && code !== 'second_factor_required') {
        ran.push(declared.name);
      }
    }
    expect(ran.toSorted()).toEqual([
      'begin-second-factor',
      'confirm-second-factor',
      'read-account',
      'sign-out',
      'step-up',
    ]);
  });

  const own = [
    'begin-second-factor',
    'change-password',
    'confirm-second-factor',
    'remove-second-factor',
    'revoke-other-sessions',
    'revoke-session',
    'sign-out',
    'step-up',
  ];

  /** What an API client does that was allowed for a binding; the role says nothing of that. Shown in fetch-secret.db.test.ts. */
  const ofConsumers = ['fetch-secret', 'report-version'];
  const ownOrConsumers = [...own, ...ofConsumers].toSorted();

  /** Lists that leave out what is outside of an actor's limits; each is shown in scoped-lists.db.test.ts. */
  const lists = [
    'count-newer-events',
    'find-by-name',
    'list-approvals',
    'list-audit-events',
    'list-batches',
    'list-bindings',
    'list-break-glass',
    'list-choices',
    'list-environments',
    'list-rotations',
    'list-running',
    'list-upcoming',
    'list-views',
    'match-credentials',
    'read-audit-event',
    'read-inclusion-proof',
    'read-overview',
    'read-trends',
    'search-credentials',
  ];

  /** What `requireScope` compares with the limits. */
  const ids = ['credentialId', 'rotationId', 'bindingId', 'findingId', 'batchId', 'credentialIds'];

  type Shape = Record<string, z.ZodType>;

  /** The fields of an input; of each variant where it is one of several. */
  function shapesOf(input: z.ZodType): Shape[] {
    const variants = input instanceof z.ZodUnion ? (input.options as z.ZodType[]) : [input];
    return variants.map((one) => (one instanceof z.ZodObject ? (one.shape as Shape) : {}));
  }

  const requires = (shape: Shape, fields = ids) =>
    fields.some((field) => shape[field] !== undefined && !shape[field].safeParse(undefined).success);

  /** What makes a credential names its environment. */
  const makesOne = (shape: Shape) => requires(shape, ['environment']);

  test.each(useCases.map((declared) => [declared.name, declared] as const))(
    '%s says what it is limited by: a credential is named where limits count, and nowhere else',
    (name, declared) => {
      const shapes = shapesOf(declared.input);
      if (declared.scope === 'credential') {
        const isHeld = shapes.every((shape) => requires(shape) || makesOne(shape));
        expect(isHeld !== lists.includes(name), 'it names a credential, or it is a list, and not both').toBe(
          true,
        );
      } else if (ofConsumers.includes(name)) {
        // The binding says which API clients may, and nobody else: narrower than any limits.
        expect(declared.scope).toBe('own');
      } else if (declared.effect === 'read' || declared.scope === 'own') {
        const names = shapes.flatMap((shape) => Object.keys(shape)).filter((field) => ids.includes(field));
        expect(names, 'it names a credential, and limits would not count').toEqual([]);
      }
    },
  );

  test('only what concerns the own account, and what consumers fetch, is left to people with limits beside their credentials', () => {
    const found = useCases.filter(({ scope, effect }) => scope === 'own' && effect === 'change');
    expect(found.map(({ name }) => name).sort()).toEqual(ownOrConsumers);
  });

  const changedBy = (role: Role) =>
    useCases
      .filter((declared) => declared.effect === 'change' && declared.may.includes(role))
      .map((declared) => declared.name)
      .toSorted();

  test('viewers change nothing but their own account and sessions, and what is noted of consumers', () => {
    expect(changedBy('viewer')).toEqual(ownOrConsumers);
  });

  test('auditors change nothing but that, saved views, and what they are told to have exported and verified', () => {
    const evidence = ['bundle-evidence', 'create-view', 'export-audit-events', 'remove-view', 'rename-view'];
    expect(changedBy('auditor')).toEqual([...evidence, ...ownOrConsumers, 'verify-audit'].toSorted());
  });
});
