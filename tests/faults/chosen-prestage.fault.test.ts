import { testCell } from '#tests/faults/support/suite.ts';

testCell('chosen-prestage');
