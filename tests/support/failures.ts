import { appendFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

const firstLines = (text: string) => text.split('\n').slice(0, 30).join('\n');

/**
 * Writes what failed into the file that `REKEY_FAILURES` names, so that `npm test` can say it again at its end: the
 * output of the suites after it is longer than what a terminal or a CI page keeps.
 */
export default class Failures implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env.REKEY_FAILURES;
    if (file === undefined) {
      return;
    }
    const write = (what: string, error: { message: string; diff?: string } | undefined) =>
      appendFileSync(
        file,
        `${what}\n${firstLines(`${error?.message ?? ''}\n${error?.diff ?? ''}`).replace(/^/gm, '    ')}\n`,
      );
    for (const module of modules) {
      for (const error of module.errors()) {
        write(module.relativeModuleId, error);
      }
      for (const test of module.children.allTests('failed')) {
        write(`${module.relativeModuleId} › ${test.fullName}`, test.result().errors?.[0]);
      }
    }
    for (const error of unhandled) {
      write('outside of the tests', error);
    }
  }
}
