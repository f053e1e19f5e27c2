/** VIPs: what labels of ports and apps say, what is wrong with them, and which VIP an address leads to. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyReport } from '../../src/declared/report.ts';
import { resolveVip, vipKey, vipName } from '../../src/declared/vip-names.ts';
import { readVips, vipLabels } from '../../src/declared/vips.ts';
import type { AppPort } from '../../src/model/app.ts';
import { app } from './cluster.ts';
import { cases } from '../support/cases.ts';

function read(ports: readonly Partial<AppPort>[], labels: Readonly<Record<string, string>> = {}) {
  const sketch = app({ id: '/shop', ports, labels });
  const report = emptyReport(sketch.id);
  const vips = readVips(sketch, report);
  const texts = vips.map((vip) => `${vip.portIndex} ${vip.kind} ${vipKey(vip)}`);
  return { vips, texts, diagnostics: report.diagnostics, codes: report.diagnostics.map(({ code }) => code) };
}

describe('labels of ports', () => {
  test.each([
    ['/shop:80', 'name shop:80'],
    ['shop:80', 'name shop:80'],
    ['/Outer/sub/my_app-1.0.0:555', 'name outersubmy_app-1.0.0:555'],
    [' 10.0.0.1:5000 ', 'ip 10.0.0.1:5000'],
    ['fd00::1:80', 'ip [fd00::1]:80'],
    [vipLabels.port.example, 'name shop:80'],
  ])('%j', (text, vip) => {
    const { texts, diagnostics } = read([{ labels: { VIP_0: text } }]);
    expect(texts).toEqual([`0 ${vip}`]);
    expect(diagnostics).toEqual([]);
  });

  test.each([
    '',
    'shop',
    'shop:',
    ':80',
    '/:80',
    'shop:0',
    'shop:65536',
    'shop:+80',
    'a b:80',
    'a\nb:80',
    'a..b:80',
    '-a:80',
    '10.0.0.256:80',
    '0.0.0.0:80',
    'tcp://shop:80:x',
    '%[src]:80',
    'é:80',
    'x'.repeat(300) + ':80',
  ])('not %j, and the others hold', (text) => {
    const { texts, diagnostics } = read([{}, { labels: { VIP_0: text, vip_1: 'other:81', team: 'x' } }]);
    expect(texts).toEqual(['1 name other:81']);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code: 'label-defaulted', severity: 'warning', label: 'VIP_0' });
    expect(diagnostics[0]?.problem).toMatch(/^VIP_0 of port 1 is "/);
    expect(diagnostics[0]?.remedy).toContain('for example /shop:80. Until then it declares nothing.');
  });

  test('several on several ports, in order', () => {
    const { texts } = read([{ labels: { VIP_1: 'b:2', VIP_0: 'a:1' } }, { labels: { VIP_0: 'a:1' } }]);
    expect(texts).toEqual(['0 name a:1', '0 name b:2', '1 name a:1']);
  });

  test.each(['Vip_0', 'vIP0'])('%s is in neither case', (label) => {
    const { texts, diagnostics } = read([{ labels: { [label]: 'a:1' } }]);
    expect(texts).toEqual([]);
    expect(diagnostics.map(({ code, remedy }) => [code, remedy])).toEqual([
      ['unknown-label', 'Did you mean VIP_0?'],
    ]);
  });

  test('UDP alone cannot be passed on', () => {
    const labels = { VIP_0: 'dns:53' };
    const { texts, codes } = read([
      { labels, protocol: 'udp' },
      { labels, protocol: 'udp,tcp' },
    ]);
    expect(texts).toEqual(['1 name dns:53']);
    expect(codes).toEqual(['label-without-effect']);
  });
});

describe('labels of the app', () => {
  test.each([
    ['vip_PORT1', 'tcp://shop:80', '1 name shop:80'],
    ['VIP_PORT0', 'TCP://10.0.0.1:80', '0 ip 10.0.0.1:80'],
    ['vip_port0', vipLabels.app.example, '0 name shop:80'],
  ])('%s=%s', (label, text, vip) => {
    const { texts, diagnostics } = read([{}, {}], { [label]: text });
    expect(texts).toEqual([vip]);
    expect(diagnostics).toEqual([]);
  });

  test.each([
    ['vip_port0', 'shop:80', 'label-defaulted'],
    ['vip_port0', 'tcp://shop', 'label-defaulted'],
    ['vip_port0', 'http://shop:80', 'label-defaulted'],
    ['vip_port0', '', 'label-defaulted'],
    ['vip_port0', 'udp://shop:80', 'label-without-effect'],
    ['vip_port2', 'tcp://shop:80', 'label-beyond-ports'],
    ['VIP_0', '/shop:80', 'label-without-effect'],
  ])('not %s=%s', (label, text, code) => {
    const { texts, diagnostics } = read([{ labels: { VIP_0: 'a:1' } }, {}], { [label]: text });
    expect(texts).toEqual(['0 name a:1']);
    expect(diagnostics.map((each) => [each.code, each.label])).toEqual([[code, label]]);
  });

  test.each(['vip', 'VIPER', 'vip_port', 'team'])('%s is nobody’s business', (label) => {
    expect(read([{}], { [label]: 'x' })).toMatchObject({ texts: [], codes: [] });
  });
});

describe('addresses', () => {
  test.each([
    ['shop.marathon.l4lb.thisdcos.directory:80', 'shop:80'],
    ['Simple-Service-1.0.0.marathon.l4lb.thisdcos.directory:80', 'simple-service-1.0.0:80'],
    ['shop.marathon.dclb.thisdcos.directory:80', 'shop:80'],
    ['10.0.0.1:5000', '10.0.0.1:5000'],
  ])('%s', (address, key) => {
    const vip = resolveVip(address);
    expect(vip === null ? null : vipKey(vip)).toBe(key);
  });

  test.each([
    'shop:80',
    'shop.other.l4lb.thisdcos.directory:80',
    'shop.marathon.l4lb.thisdcos.directory',
    '.marathon.l4lb.thisdcos.directory:80',
    'marathon.l4lb.thisdcos.directory:80',
    'http://shop.marathon.l4lb.thisdcos.directory:80',
    'shop.marathon.l4lb.thisdcos.directory:0',
    'sh/op.marathon.l4lb.thisdcos.directory:80',
    '',
  ])('not %j', (address) => expect(resolveVip(address)).toBeNull());

  test('another Marathon has its own', () => {
    expect(resolveVip('shop.mom.l4lb.thisdcos.directory:80', 'mom')?.host).toBe('shop');
  });
});

test('no text throws or comes through as anything but a harmless name, and names lead back to their VIPs', () => {
  const piece = fc.oneof(
    fc.constantFrom('/', ':', '.', '80', 'shop', '10.0.0.1', '\n', '"', '%[src]', ' ', '-', '[::1]'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const text = fc.array(piece, { maxLength: 6 }).map((all) => all.join(''));
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        text.map((each) => `a${each}:80`),
      ),
      (value) => {
        const { vips } = read([{ labels: { VIP_0: value } }]);
        for (const vip of vips) {
          expect(vip.host).toMatch(vip.kind === 'ip' ? /^[0-9a-f.:]+$/ : /^[a-z0-9_.-]+$/);
          const { kind, host, port } = vip;
          const address =
            kind === 'ip' ? `${host}:${port}` : `${host}.marathon.l4lb.thisdcos.directory:${port}`;
          expect(resolveVip(address)).toEqual({ kind, host, port });
          expect(vipName(value.trim())).toEqual({ kind, host, port });
        }
      },
    ),
    { numRuns: cases(250) },
  );
});
