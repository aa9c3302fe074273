import { expect, test } from 'vitest';
import { readXml } from '#connectors/xml.ts';

test('elements are read as objects, their text as it is meant, and members always as a list', () => {
  const text = `<?xml version="1.0" encoding="UTF-8"?>
    <!-- a note --><R xmlns="https://example/"><A>x/+=</A><B kind="1">&lt;&amp;&#39;&#x41;&quot;&gt;</B><Empty/><None></None>
    <List><member><Id>1</Id></member></List><Two><member>a</member><member>b</member></Two></R>`;
  expect(readXml(text)).toEqual({
    R: {
      A: 'x/+=',
      B: '<&\'A">',
      Empty: '',
      None: '',
      List: { member: [{ Id: '1' }] },
      Two: { member: ['a', 'b'] },
    },
  });
});

test.each([
  '',
  'text',
  '{"a":1}',
  '<A>',
  '<A></B>',
  '</A>',
  '<A></A></A>',
  '<A/><B/>',
  '<A/>rest',
  '<A><</A>',
  '<!DOCTYPE html><html></html>',
  '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
  '<A><![CDATA[x]]></A>',
])('what is not plain XML is not read: %s', (text) => {
  expect(readXml(text)).toBeUndefined();
});

test('an element that is named like a property of every object is only an element', () => {
  const read = readXml('<A><__proto__><x>1</x></__proto__><constructor>2</constructor></A>');
  expect(JSON.stringify(read)).toBe('{"A":{"__proto__":{"x":"1"},"constructor":"2"}}');
  expect(Reflect.get({}, 'x')).toBeUndefined();
});

test('a character that does not exist stays as it was written', () => {
  expect(readXml('<A>&#x110000;&nope;</A>')).toEqual({ A: '&#x110000;&nope;' });
});
