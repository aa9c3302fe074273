import { auditCheckCommand } from '#cli/audit-check.ts';
import type { Command } from '#cli/command.ts';
import { roles } from '#core/access/actor.ts';

/*
 * Commands that run on the server itself, with its environment and its database. Their help stands here and not beside their
 * code, which is loaded once they run: it takes what is generated from the schema.
 */

const onServer =
  (load: () => Promise<{ readonly run: Command['run'] }>): Command['run'] =>
  async (operands, values) => {
    const { run } = await load();
    await run(operands, values);
    const { closeDb } = await import('#lib/db.ts');
    await closeDb();
  };

/** All of them, in the order of the help. */
export const localCommands: readonly Command[] = [
  {
    words: ['user', 'create'],
    operands: 0,
    usage: `rekey user create --email E --role R [--name N]
      makes a user and prints a link that lets them choose a password once, within 24 hours; given again before they did,
      it gives them the role that is said now and prints another link, and the one before is void
      roles: ${roles.join(', ')}`,
    options: { email: { type: 'string' }, role: { type: 'string' }, name: { type: 'string' } },
    run: onServer(() => import('#cli/create-user.ts')),
  },
  {
    words: ['user', 'link'],
    operands: 0,
    usage: `rekey user link --email E
      prints a link that lets a user choose another password once, within 24 hours; the one before is void
      the password they have works until then, and then their sessions end`,
    options: { email: { type: 'string' } },
    run: onServer(() => import('#cli/user-link.ts')),
  },
  {
    words: ['user', 'allow-identity'],
    operands: 0,
    usage: `rekey user allow-identity --email E
      lets the next single sign-on with a user's verified e-mail be them, once, within 24 hours
      their password and what they came with before work until then, and then their sessions end`,
    options: { email: { type: 'string' } },
    run: onServer(() => import('#cli/user-allow-identity.ts')),
  },
  {
    words: ['import'],
    operands: 1,
    usage: `rekey import FILE --map MAPPING [--map …] [--format dotenv|json] [--yes]
      moves credentials in from a file; without --yes it only says what it would do
      a MAPPING is a file of lines or of JSON, or one line: KEY = issuer-name credential-name place.field=value … field
      docs/moving-in.md says what may stand in one`,
    options: {
      format: { type: 'string' },
      map: { type: 'string', multiple: true },
      yes: { type: 'boolean' },
    },
    run: onServer(() => import('#cli/import.ts')),
  },
  {
    words: ['api-client', 'create'],
    operands: 0,
    usage: `rekey api-client create --name N --role R [--environment E]… [--label L]… [--json]
      makes an API client and prints its id and its secret, which is shown this once
      with --environment and --label it sees and rotates only credentials of those; without, all
      roles: ${roles.join(', ')}; with --json it prints { "client_id": …, "client_secret": … } and nothing else`,
    options: {
      name: { type: 'string' },
      role: { type: 'string' },
      environment: { type: 'string', multiple: true },
      label: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    },
    run: onServer(() => import('#cli/api-client.ts')),
  },
  {
    words: ['audit', 'verify'],
    operands: 0,
    usage: `rekey audit verify [--from PLACE] [--to PLACE] [--witness FILE] [--json]
      recomputes the audit log and compares it with its witnesses; the exit code is 1 when something is wrong
      a FILE holds checkpoints that were kept elsewhere, one as JSON on each line`,
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      witness: { type: 'string' },
      json: { type: 'boolean' },
    },
    run: onServer(() => import('#cli/audit-verify.ts')),
  },
  {
    words: ['audit', 'detach'],
    operands: 0,
    usage: `rekey audit detach --before MONTH [--out FILE --yes]
      takes the events from before a month, such as 2026-01, out of the database; hashes, roots and signatures stay
      it needs REKEY_MIGRATION_URL; without --yes it says what it would do, with it FILE is the archive`,
    options: { before: { type: 'string' }, out: { type: 'string' }, yes: { type: 'boolean' } },
    run: onServer(() => import('#cli/audit-detach.ts')),
  },
  auditCheckCommand,
  {
    words: ['keys', 'rotate'],
    operands: 0,
    usage: `rekey keys rotate [--dry-run]
      seals every stored secret with the first of REKEY_MASTER_KEYS while Rekey runs; the exit code is 1 while another key
      is still needed. With --dry-run it only counts: 0 nothing to do, 2 something is sealed with another key; 1 is an error
      give every process the new key first: docs/operations.md`,
    options: { 'dry-run': { type: 'boolean' } },
    run: onServer(() => import('#cli/keys-rotate.ts')),
  },
  {
    words: ['backup'],
    operands: 1,
    usage: `rekey backup FILE
      writes the whole database into a file, consistent, while Rekey runs; secrets are in it sealed, and no key is
      keep REKEY_MASTER_KEYS and REKEY_FINGERPRINT_KEY in another place: without them it opens for nobody`,
    options: {},
    run: onServer(() => import('#cli/backup.ts')),
  },
  {
    words: ['restore'],
    operands: 1,
    usage: `rekey restore FILE
      fills an empty database, to which migrations were applied, from a backup (REKEY_MIGRATION_URL)
  rekey restore --mark WHY
      says of this database that it was restored or copied in a way that Rekey cannot see; everything stops`,
    options: { mark: { type: 'string' } },
    run: onServer(() => import('#cli/restore.ts')),
  },
  {
    words: ['resume'],
    operands: 0,
    usage: `rekey resume --after-restore [--json]
      compares every issuer and target with a restored database, stores newer secrets, and prints what it found
  rekey resume --after-restore --yes --admin E-MAIL
      lets everything go on, once that admin has read the list; what is not proven stays paused`,
    options: {
      'after-restore': { type: 'boolean' },
      json: { type: 'boolean' },
      yes: { type: 'boolean' },
      admin: { type: 'string' },
    },
    run: onServer(() => import('#cli/resume.ts')),
  },
];
