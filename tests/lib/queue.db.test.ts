import { testDoorbell } from '#tests/support/queue-promises.ts';

testDoorbell('Postgres');
