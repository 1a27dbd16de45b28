import { csvLine } from './csv';

describe('a line of CSV', () => {
  it.each([
    [['a', '', 'c'], 'a,,c'],
    [['a,b', 'say "no"', 'two\nlines', 'two\r\nlines'], '"a,b","say ""no""","two\nlines","two\r\nlines"'],
    [['{"name":"Ann"}'], '"{""name"":""Ann""}"'],
    [["it's", 'a=b', 'a-b'], "it's,a=b,a-b"],
  ])('of %j is quoted where it must be', (values, line) => expect(csvLine(values)).toBe(`${line}\r\n`));

  it.each([
    ['=HYPERLINK("https://example.com")', `"'=HYPERLINK(""https://example.com"")"`],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
    ['\n=1', `"'\n=1"`],
  ])('holds no formula: %j', (value, cell) => expect(csvLine([value])).toBe(`${cell}\r\n`));
});
