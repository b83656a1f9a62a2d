/**
 * Runs under systemd as a user without any privilege, and asks for a reboot as the agent does.
 */
import { getuid } from 'node:process';
import { RebootRequest } from '../../../agent/adapters/host/reboot-request.ts';
import { tell } from './tell.ts';

const controlSocket = `${process.env['RUNTIME_DIRECTORY']}/control.sock`;
const refusal = new RebootRequest({ controlSocket, isUpdating: () => false }).ask();
tell({ step: 'rebootAsked', uid: getuid?.() ?? -1, refused: refusal?.because ?? '' });
