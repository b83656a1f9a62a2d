import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBoardRequest } from '../../../sim/live/board-control-request.ts';

const PORTS = [1, 2, 3, 4, 5, 6];

describe('a request to the board', () => {
  it.each([
    ['{"do":"pull","port":5}', { do: 'pull', port: 5 }],
    ['{"do":"lte"}', { do: 'lte' }],
    ['{"do":"lte","dBm":null}', { do: 'lte' }],
    ['{"do":"lte","dBm":-90}', { do: 'lte', dBm: -90 }],
    ['{"do":"garbage"}', { do: 'garbage', bytes: 256 }],
    ['{"do":"silence","ms":100}', { do: 'silence', ms: 100 }],
    ['{"do":"unplug"}', { do: 'unplug' }],
    ['{"do":"delay"}', { do: 'delay', count: 1, ms: 500 }],
    ['{"do":"rebootAtCommand","when":"after"}', { do: 'rebootAtCommand', when: 'after' }],
    [
      '{"do":"link","port":5,"speedMbps":100,"duplex":"half"}',
      { do: 'link', port: 5, speedMbps: 100, duplex: 'half' },
    ],
    [
      '{"do":"sensor","sensor":"fan","value":0}',
      { do: 'sensor', sensor: 'fan', index: 0, value: 0 },
    ],
  ])('%s is understood', (line, request) => {
    expect(parseBoardRequest(line, PORTS)).toEqual({ ok: true, request });
  });

  it.each([
    ['pull 5', 'ECONTROL_JSON', ''],
    ['[]', 'ECONTROL_JSON', ''],
    ['null', 'ECONTROL_JSON', ''],
    ['{}', 'ECONTROL_VERB', '/do'],
    ['{"do":"explode"}', 'ECONTROL_VERB', '/do'],
    ['{"do":"constructor"}', 'ECONTROL_VERB', '/do'],
    ['{"do":"pull"}', 'ECONTROL_RANGE', '/port'],
    ['{"do":"pull","port":"5"}', 'ECONTROL_RANGE', '/port'],
    ['{"do":"pull","port":5.5}', 'ECONTROL_RANGE', '/port'],
    ['{"do":"pull","port":7}', 'ECONTROL_PORT', '/port'],
    ['{"do":"pull","port":5,"now":true}', 'ECONTROL_KEY', '/now'],
    ['{"do":"reboot","__proto__":{}}', 'ECONTROL_KEY', '/__proto__'],
    ['{"do":"garbage","bytes":1000000000}', 'ECONTROL_RANGE', '/bytes'],
    ['{"do":"rebootAtCommand","when":"never"}', 'ECONTROL_RANGE', '/when'],
    ['{"do":"rebootAtCommand"}', 'ECONTROL_RANGE', '/when'],
    ['{"do":"sim","ready":2}', 'ECONTROL_RANGE', '/ready'],
    ['{"do":"pace","baudRate":-1}', 'ECONTROL_RANGE', '/baudRate'],
    ['{"do":"silence","ms":0}', 'ECONTROL_RANGE', '/ms'],
  ])('%s is refused with %s at "%s"', (line, code, pointer) => {
    expect(parseBoardRequest(line, PORTS)).toMatchObject({ ok: false, refusal: { code, pointer } });
  });

  it('never throws, whatever the line is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(typeof parseBoardRequest(line, PORTS).ok).toBe('boolean');
      }),
    );
  });
});
