import { answerQuestions } from '#bench/child.ts';

/* The worker as it is, which also tells how much processor time it has used. */

answerQuestions({});
await import('#workers/main.ts');
