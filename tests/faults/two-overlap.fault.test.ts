import { testCell } from '#tests/faults/support/suite.ts';

testCell('two-overlap');
