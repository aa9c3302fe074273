import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import type { ClientBehaviour } from '#demo/surfacescout/behaviour.ts';
import { Case } from '#tests/faults/support/case.ts';
import type { Cell } from '#tests/faults/support/cells.ts';
import { actor } from '#tests/faults/support/engine.ts';
import { ADMIN_TOKEN, Outside, SIGNING_SECRET, TARGETS } from '#tests/faults/support/outside.ts';
import type { Scene } from '#tests/faults/support/scene.ts';
import { openWire, type Wire } from '#tests/faults/support/wire.ts';
import { bundleWorker, WorkerPool } from '#tests/faults/support/workers.ts';

export interface HarnessOptions {
  /** Mechanisms that its workers do without. */
  readonly without?: readonly string[];
  readonly bell?: 'queue';
  /** How long a case may take before it counts as stuck. */
  readonly patienceMs?: number;
}

/** Long enough that a graced rotation can be turned back at any time. */
const GRACE_SECONDS = 3600;
/** Longer than any case takes. */
const STUCK_MS = 20_000;

// What a late commit could change. The clock's own columns change with every claim and say nothing.
const STORED = `
  select md5(string_agg(part, ' ')) as stored from (
    select to_jsonb(r)::text as part from rotations r where id = $1
    union all select to_jsonb(s)::text from rotation_steps s where rotation_id = $1
    union all select to_jsonb(v)::text from secret_versions v
      where credential_id = (select credential_id from rotations where id = $1)
    union all select count(*)::text from audit_events where rotation_id = $1
    order by 1) parts`;

/** One database, its workers, and an outside of one cell. */
export class Harness {
  readonly cell: Cell;
  readonly outside: Outside;
  readonly pool: WorkerPool;
  readonly sql: pg.Pool;
  readonly patienceMs: number;
  #now: Case | null = null;
  readonly #wire: Wire;
  readonly #script: string;
  readonly #folder: string;
  /** Tells this harness from others in the same database. */
  readonly #name = randomUUID().slice(0, 8);
  #issuerId = '';
  readonly #targetIds: Record<string, string> = {};
  #cases = 0;

  private constructor(
    cell: Cell,
    parts: { folder: string; outside: Outside; wire: Wire; script: string; patienceMs: number },
    env: NodeJS.ProcessEnv,
  ) {
    this.cell = cell;
    this.outside = parts.outside;
    this.#wire = parts.wire;
    this.#script = parts.script;
    this.#folder = parts.folder;
    this.patienceMs = parts.patienceMs;
    this.pool = new WorkerPool(parts.script, env);
    this.sql = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
    this.sql.on('error', () => {});
  }

  static async open(
    cell: Cell,
    { without = [], bell, patienceMs = STUCK_MS }: HarnessOptions = {},
  ): Promise<Harness> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-faults-'));
    const outside = new Outside(folder, { ...cell.client, clientId: 'none', propagationSeconds: 0 });
    await outside.open();
    const own: { harness: Harness | null } = { harness: null };
    const wire = await openWire(process.env.DATABASE_URL ?? '', {
      asked: async (question) => own.harness?.current?.asked(question),
      answered: async (question) => own.harness?.current?.answered(question),
    });
    const script = await bundleWorker();
    const env = {
      ...process.env,
      DATABASE_URL: wire.url,
      REKEY_LOG_LEVEL: 'info',
      NODE_NO_WARNINGS: '1',
      FAULTS_WITHOUT: without.join(','),
      ...(bell === undefined ? {} : { FAULTS_BELL: bell }),
    };
    const harness = new Harness(cell, { folder, outside, wire, script, patienceMs }, env);
    own.harness = harness;
    harness.pool.keep(2);
    await harness.#configure();
    return harness;
  }

  async close(): Promise<void> {
    await this.pool.close();
    await this.#wire.close();
    await this.outside.close();
    await this.sql.end();
    fs.rmSync(this.#script, { force: true });
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The case under way: what happens on the wire and outside belongs to it. */
  get current(): Case | null {
    return this.#now;
  }

  async one<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<R> {
    const [row] = (await this.sql.query<R>(text, [...values])).rows;
    if (row === undefined) {
      throw new Error(`The harness found no row: ${text}`);
    }
    return row;
  }

  /** A credential of its own for one case, with a fresh client at the issuer and the secret in both targets. */
  async newCredential(): Promise<string> {
    this.#cases += 1;
    const clientId = `client-${this.#name}-${this.#cases}`;
    const client: ClientBehaviour = { ...this.cell.client, clientId, propagationSeconds: 0 };
    this.outside.begin(client);
    const [first] = this.outside.live();
    const { hasApi, ...atIssuer } = client;
    const { id: credentialId } = await importCredential(actor, {
      name: clientId,
      issuerId: this.#issuerId,
      place: hasApi ? atIssuer : { clientId },
      environment: 'test',
      fields: { clientId, clientSecret: first?.value ?? '' },
      ...(first === undefined ? {} : { externalId: first.id }),
    });
    for (const target of TARGETS) {
      const targetId = this.#targetIds[target] ?? '';
      const place = { name: clientId };
      await bindTarget(actor, { credentialId, targetId, place, fields: { clientSecret: 'SECRET' } });
    }
    await this.sql.query('update bindings set reads_next = $2 where credential_id = $1', [
      credentialId,
      this.cell.readsNext,
    ]);
    return credentialId;
  }

  /** Rotates the credential under a fault; answers the case when it is over and every worker is at rest. */
  async play(scene: Scene): Promise<Case> {
    const { credentialId, fault, workers = 1 } = scene;
    this.pool.keep(Math.max(2, workers, fault?.successors ?? 1));
    const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: GRACE_SECONDS });
    const played = new Case(this, rotationId, scene);
    this.#now = played;
    this.outside.killer = played;
    try {
      await played.run();
    } finally {
      await this.pool.calm();
      this.outside.killer = null;
      this.#now = null;
    }
    return played;
  }

  /** Moves the clock past the lease of whoever holds the rotation. */
  passLease(rotationId: string): Promise<void> {
    return this.#move(
      `greatest(coalesce(lease_until, rekey_now()), rekey_now()) - rekey_now() + interval '1 second'`,
      rotationId,
    );
  }

  /** Moves the clock to when the rotation wants to be looked at again. */
  passWait(rotationId: string): Promise<void> {
    return this.#move(`greatest(next_attempt_at - rekey_now(), '0') + interval '5 milliseconds'`, rotationId);
  }

  /** What is stored of a rotation, as one value. */
  async stored(rotationId: string): Promise<string> {
    return (await this.one<{ stored: string }>(STORED, [rotationId])).stored;
  }

  /** The vendor's clock goes with the database's. */
  async #move(interval: string, rotationId: string): Promise<void> {
    const { shift } = await this.one<{ shift: number }>(
      `update test_clock set shift = shift + (select ${interval} from rotations where id = $1)
       returning extract(epoch from shift)::float8 as shift`,
      [rotationId],
    );
    this.outside.shiftMs = shift * 1000;
  }

  async #configure(): Promise<void> {
    const { url } = this.outside;
    const issuer = await addIssuer(
      actor,
      this.cell.client.hasApi
        ? { name: this.#name, kind: 'surfacescout', config: { baseUrl: url, adminToken: ADMIN_TOKEN } }
        : { name: this.#name, kind: 'assisted', config: assistedConfig(url) },
    );
    this.#issuerId = issuer.id;
    for (const name of TARGETS) {
      const config = { url: `${url}/targets/${name}`, signingSecret: SIGNING_SECRET };
      this.#targetIds[name] = (
        await addTarget(actor, { name: `${name}-${this.#name}`, kind: 'webhook', config })
      ).id;
    }
  }
}

function assistedConfig(url: string) {
  return {
    vendor: 'Vendor',
    link: `${url}/app`,
    steps: 'Rotate it there.',
    tokenUrl: `${url}/oauth/token`,
    propagationSeconds: 0,
  };
}
