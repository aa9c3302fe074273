import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { readEntries, withEntries, withoutEntries } from '#connectors/targets/dotenv-file.ts';

const set = (text: string, entries: Record<string, string>) =>
  withEntries(text, new Map(Object.entries(entries)));

test('everything but the given value stays byte for byte', () => {
  const before = [
    '# the scout, don\'t "touch"',
    '',
    'FIRST=1 # kept',
    '  export SCOUT_SECRET = "old"   # rotated by Rekey',
    "OTHER='it # is'  ",
    'EMPTY=',
    'MULTI="line 1',
    'SCOUT_SECRET=inside a quoted value',
    'line 3"',
    'last=x',
  ].join('\n');
  expect(set(before, { SCOUT_SECRET: 'new-1' })).toBe(before.replace('"old"', 'new-1'));
});

test.each([
  ['A=old\r\nB=2\r\n', 'A=new\r\nB=2\r\n'],
  ['B=2\r\nA=old', 'B=2\r\nA=new'],
  ['A=old\n\n\n', 'A=new\n\n\n'],
  ['export A=old # why\n', 'export A=new # why\n'],
  ['export\tA=old\n', 'export\tA=new\n'],
  ['A= # empty\n', 'A=new # empty\n'],
  ['A=\n', 'A=new\n'],
  ['A=  old  \n', 'A=  new  \n'],
  ['A=old#part of the old value\n', 'A=new\n'],
  ['A="old"rest\n', 'A=new\n'],
  ["A='old' # why\n", 'A=new # why\n'],
  ['A="two\nlines" # why\nB=2\n', 'A=new # why\nB=2\n'],
  ['\uFEFFA=old\n', '\uFEFFA=new\n'],
])('%j becomes %j', (before, after) => {
  expect(set(before, { A: 'new' })).toBe(after);
});

test("a new key goes to the end in the file's own line ends, and a missing last line end stays missing", () => {
  expect(set('', { A: '1', B: '2' })).toBe('A=1\nB=2\n');
  expect(set('X=1\n', { A: '1' })).toBe('X=1\nA=1\n');
  expect(set('X=1', { A: '1', B: '2' })).toBe('X=1\nA=1\nB=2');
  expect(set('X=1\r\nY=2\r\n', { A: '1' })).toBe('X=1\r\nY=2\r\nA=1\r\n');
  expect(set('# only a comment', { A: '1' })).toBe('# only a comment\nA=1');
});

test('a key that is there twice is set in both places, so readers of the first and of the last agree', () => {
  const after = set('A=1\nB=2\nA=3\n', { A: 'new' });
  expect(after).toBe('A=new\nB=2\nA=new\n');
  expect(readEntries('A=1\nA=3\n').get('A')).toBe('3');
});

test('a key that only begins or ends like ours is not ours', () => {
  const before = 'AB=1\nXA=2\nA.B=3\nA-B=4\na=5\n#A=6\n';
  expect(set(before, { A: 'new' })).toBe(`${before}A=new\n`);
});

test('setting the same again changes nothing', () => {
  const once = set("# x\nA='old'\nB=2\n", { A: "it's $HOME #1", B: 'plain' });
  expect(set(once, { A: "it's $HOME #1", B: 'plain' })).toBe(once);
});

test.each([
  'plain-value_1.2/3:4@5%6+7=,~',
  'with space',
  ' padded ',
  '#hash',
  'a#b',
  'a #b',
  'dollar $HOME $(x)',
  'back\\slash',
  'back\\nslash n',
  'tab\there',
  'new\nline',
  '-----BEGIN KEY-----\nabc=\n-----END KEY-----\n',
  "it's",
  'say "hi"',
  `both ' and "`,
  'back`tick',
  'ünïcödé 🔑',
  '',
  '"quoted"',
  "'quoted'",
  'export X=1',
  'K=V',
])("the value %j survives our reader and Node's", (value) => {
  for (const before of ['', 'X=1\nA=old # c\nB=2\n', "A='old'\r\nB=2\r\n"]) {
    const after = set(before, { A: value });
    expect(readEntries(after).get('A')).toBe(value);
    expect(parseEnv(after).A).toBe(value);
    expect(readEntries(after).get('B')).toBe(before === '' ? undefined : '2');
  }
});

test.each(['carriage\rreturn', 'nul\0', 'lone \ud800 surrogate', `all ' three " quotes \``, `a'b\\nc"d\``])(
  'a value no reader would get back is refused without naming it: %j',
  (value) => {
    const refusal = () => set('A=old\n', { A: value });
    expect(refusal).toThrow(ConnectorError);
    expect(refusal).toThrow(/^The value for A cannot be written to an env file/);
  },
);

test('any value is either refused or read back by both readers, with its neighbours as they were', () => {
  const before = "# c\nX=1 # d\nA=old\nY='2'\n";
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      let after: string;
      try {
        after = set(before, { A: value });
      } catch (error) {
        expect(error).toBeInstanceOf(ConnectorError);
        return;
      }
      expect(parseEnv(after)).toEqual({ X: '1', A: value, Y: '2' });
      expect(Object.fromEntries(readEntries(after))).toEqual({ X: '1', A: value, Y: '2' });
      expect(after.startsWith('# c\nX=1 # d\nA=')).toBe(true);
      expect(after.endsWith("\nY='2'\n")).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("our reader and Node's agree on files people write", () => {
  const text = [
    '# comment',
    'A=1',
    'B = spaced out  # comment',
    'C="double \\n line"',
    "D='single \\n stays'",
    'E=`tick`',
    'F="two',
    'lines"',
    'G=a#b',
    'export H=h',
    'I=',
    "J=''",
    'A=2',
    'K="a"b',
  ].join('\n');
  expect(Object.fromEntries(readEntries(text))).toEqual({ ...parseEnv(text) });
});

test.each([
  ['A=1\nnot an assignment s3cret\n', 2],
  ['A=1\n\n# c\nB="never closed s3cret\n', 4],
  ["s3cret='x\nA=1\n", 1],
  ['=s3cret\n', 1],
  ['1A=s3cret\n', 1],
  ['A B=s3cret\n', 1],
  ['A: s3cret\n', 1],
  ['A=1\rB=s3cret\n', 1],
  ['A="multi\nline"\ns3cret\n', 3],
])('a malformed file is never, naming the line and not its text: %j', (text, line) => {
  const read = () => readEntries(text);
  expect(read).toThrow(new RegExp(`^Line ${line} of the file `));
  expect(read).not.toThrow(/s3cret/);
  expect(() => set(text, { A: 'new' })).toThrow(ConnectorError);
});

test.each(['', 'A B', '1A', 'A=B', 'A\nB', 'Ä'])('%j cannot become a key', (key) => {
  expect(() => set('', { [key]: 'x' })).toThrow(/cannot be a key/);
});

const without = (text: string, ...keys: string[]) => withoutEntries(text, new Set(keys));

test.each([
  ['A=1\nB=2\n', 'B=2\n'],
  ['B=2\nA=1\n', 'B=2\n'],
  ['B=2\nA=1', 'B=2'],
  ['B=2\r\nA=1', 'B=2'],
  ['B=2\r\nA=1\r\nC=3\r\n', 'B=2\r\nC=3\r\n'],
  ['A=1', ''],
  ['\uFEFFA=1\nB=2\n', '\uFEFFB=2\n'],
  ["# A=0\n  export A='1' # gone with it\n\n# kept\nB=2", '# A=0\n\n# kept\nB=2'],
  ['A="two\nB=lines"\nB=2\n', 'B=2\n'],
  ['A="1"rest\nB=2\n', 'B=2\n'],
  ['B="A=1\nA=2"\nA=3\n', 'B="A=1\nA=2"\n'],
  ['A=1\nB=2\nA=3\n', 'B=2\n'],
  ['A=1\n\n', '\n'],
  ['AB=1\nXA=2\nA.B=3\n#A=4', 'AB=1\nXA=2\nA.B=3\n#A=4'],
])('%j without A is %j', (before, after) => {
  expect(without(before, 'A')).toBe(after);
  expect(without(after, 'A')).toBe(after);
});

test('taking away what was added gives the text that was there, whatever its line ends', () => {
  const line = fc.constantFrom('', '# c', 'X=1', "Y='2' # d", 'Z="a\nb"', 'export W=4', '\t');
  const text = fc
    .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([lines, end, isEnded]) => lines.join(end) + (isEnded && lines.length > 0 ? end : ''));
  fc.assert(
    fc.property(text, fc.string(), (before, value) => {
      const added = { A_NEXT: value, B_NEXT: 'b' };
      let after: string;
      try {
        after = set(before, added);
      } catch (error) {
        expect(error).toBeInstanceOf(ConnectorError);
        return;
      }
      expect(without(after, 'A_NEXT', 'B_NEXT')).toBe(before);
    }),
    { numRuns: 500 },
  );
});

test('a malformed file is refused before anything is taken out of it', () => {
  expect(() => without('A=1\nnonsense s3cret\n', 'A')).toThrow(/^Line 2 of the file /);
});
