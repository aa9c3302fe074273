import { testCell } from '#tests/faults/support/suite.ts';

testCell('unreadable-cut-over');
