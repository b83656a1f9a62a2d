/**
 * How far a device is that asks for a certificate, and why it does not get on, as a clause without a full stop.
 */
import type { EnrolmentSnapshot } from '../model/snapshot.ts';
import { duration, since } from '../report/render-duration.ts';
import { type Text, text } from './check/finding.ts';

export function enrolmentTexts(enrolment: EnrolmentSnapshot, nowMs: number): Text {
  const { lastError } = enrolment;
  const last = lastError === undefined ? undefined : `${lastError.code}: ${lastError.text}`;
  const { en, zh } = doing(enrolment, nowMs);
  return text(
    `enrolling for a certificate, ${en}${last === undefined ? '' : `; last error ${last}`}`,
    `正在申请证书，${zh}${last === undefined ? '' : `；最近错误 ${last}`}`,
  );
}

function doing(enrolment: EnrolmentSnapshot, nowMs: number): Text {
  const { state, gateway, sinceMs, retryAtMs = nowMs } = enrolment;
  const length = since(sinceMs, nowMs);
  const [en, zh] = [gateway ?? 'a gateway', gateway ?? '网关'];
  switch (state) {
    case 'awaitingBoard':
      return enrolment.lastError === undefined
        ? text('waiting for the board to say who this device is', '等待主板告知设备身份')
        : text('which cannot succeed', '但无法成功');
    case 'preparing':
      return text('making a key', '正在生成密钥');
    case 'connecting':
      return text(`connecting to ${en}, for ${length}`, `正在连接 ${zh}，已 ${length}`);
    case 'asking':
    case 'claiming':
      return text(`waiting for the word of ${en}, for ${length}`, `等待 ${zh} 答复，已 ${length}`);
    case 'proving':
      return text(
        `waiting for the board to vouch for it, for ${length}`,
        `等待主板证明身份，已 ${length}`,
      );
    case 'keeping':
    case 'enrolled':
      return text('which has just succeeded', '刚刚成功');
    case 'waiting': {
      const left = duration(Math.max(0, retryAtMs - nowMs));
      return text(`next attempt in ${left}`, `${left} 后重试`);
    }
  }
}
