import { expect, test } from 'vitest';
import { judge } from '#scripts/audit-dependencies.ts';

const fault = (name: string, severity: string) => ({ [name]: { name, severity, range: '<2.0.0', via: [] } });
const told = (...faults: object[]) =>
  judge(JSON.stringify({ auditReportVersion: 2, vulnerabilities: Object.assign({}, ...faults) }));

test('a grave fault in what is shipped fails and is named, a lesser one is counted', () => {
  expect(told(fault('a', 'moderate'), fault('b', 'critical'))).toEqual({
    said: '1 grave and 1 lesser known faults in what is shipped\n  b <2.0.0: critical',
    failed: true,
  });
  expect(told(fault('a', 'moderate')).failed).toBe(false);
  expect(told().failed).toBe(false);
});

test('a registry that keeps no advisories is said, and fails nothing', () => {
  const refused = { message: '405 Method Not Allowed', method: 'POST' };
  expect(judge(JSON.stringify(refused))).toEqual({
    said: 'skipped: the registry does not tell (405 Method Not Allowed)',
    failed: false,
  });
  expect(judge('npm error')).toMatchObject({ failed: false });
});
