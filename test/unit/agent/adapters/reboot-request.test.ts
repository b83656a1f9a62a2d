/** Where the machine is asked to start anew: a file that systemd looks for, and nothing else. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RebootRequest } from '../../../../agent/adapters/host/reboot-request.ts';

let run: string;
let file: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'sag-run-'));
  file = join(run, 'reboot');
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

const request = (isUpdating = false, directory = run): RebootRequest =>
  new RebootRequest({
    controlSocket: join(directory, 'control.sock'),
    isUpdating: () => isUpdating,
  });

describe('a request to start the machine anew', () => {
  it('is a file beside the control socket', () => {
    const { ask } = request();
    expect(existsSync(file)).toBe(false);
    expect(ask()).toBeUndefined();
    expect(existsSync(file)).toBe(true);
  });

  it('is refused while the firmware of the board is updated', () => {
    expect(request(true).ask()).toMatchObject({ code: 'EUPDATING' });
    expect(existsSync(file)).toBe(false);
  });

  it('says so when nobody can be asked', () => {
    const nowhere = request(false, join(run, 'missing'));
    expect(nowhere.ask()).toMatchObject({ code: 'EREBOOT', fault: 'hardware' });
  });

  it('of a former run is taken back, so that nothing reboots the machine later', () => {
    writeFileSync(file, '');
    request();
    expect(existsSync(file)).toBe(false);
  });
});
