import { testCell } from '#tests/faults/support/suite.ts';

testCell('readable-cut-over');
