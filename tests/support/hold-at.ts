import pg from 'pg';
import { inject } from 'vitest';

/**
 * Has the rotation held as soon as it is stored in this phase on the way forward, by a trigger of the test's own: the
 * worker stops there, as it does when a person holds it.
 */
export async function holdAt(rotationId: string, phase: string): Promise<void> {
  const url = new URL(inject('postgresUrl'));
  url.pathname = new URL(process.env.DATABASE_URL ?? '').pathname;
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  await client.query(`
    create or replace function hold_at() returns trigger language plpgsql as $$ begin
      if new.id = '${rotationId}' and new.phase = '${phase}' and new.direction = 'forward'
         and old.phase <> new.phase then
        new.hold := 'manual_hold';
      end if;
      return new;
    end $$;
    create or replace trigger hold_at before update on rotations for each row execute function hold_at();`);
  await client.end();
}
