import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../../src/foundation/redact.ts';
import { keptDefinition } from '../../../src/inventory/machine/kept-definition.ts';

const definition = (inner: string): string =>
  `<domain type='kvm'>\n  <name>web1</name>\n  ${inner}\n</domain>\n`;

describe('the definition of a domain in the journal', () => {
  test.each([
    '<description>Shop. root password: hunter2</description>',
    '<description>password:</description>',
    '<title>token=abc</title>',
    "<qemu:arg value='user=x,password=hunter2'/>",
    '<qemu:arg value="secret: hunter2"/>',
    '<!-- password: hunter2 -->',
    "<entry name='serial'>pwd=hunter2</entry>",
  ])('has no secret of %s, and is the same XML after it was journalled', inner => {
    const kept = keptDefinition(definition(inner));
    expect(kept).not.toContain('hunter2');
    expect(createRedactor().text(kept)).toBe(kept);
    expect(XMLValidator.validate(kept)).toBe(true);
    expect(kept).toContain('<name>web1</name>');
  });

  test('is otherwise the text that libvirt gave', () => {
    const plain = definition("<description>The shop's front</description><mac address='52:54:00:00:00:01'/>");
    expect(keptDefinition(plain)).toBe(plain);
  });
});
