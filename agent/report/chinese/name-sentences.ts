/** The notes about the names of access gateways in Chinese. */
import type { NameNote } from '../../model/notes/name-note.ts';
import { duration } from '../render-duration.ts';
import { clause, type Sentences } from '../render-sentences.ts';

export const nameSentences: Sentences<NameNote> = {
  keptAddressUsed: ({ name, address, because, provedAgoMs }) =>
    `已通过 ${address}（${provedAgoMs === undefined ? '此前获知' : `${duration(provedAgoMs)} 前验证过`}）到达网关 ${name}：${clause(because)}。`,
  gatewayAddressSetAside: ({ name, address, reason, because }) =>
    `${address} 的应答方不是网关 ${name}：${reason}，${clause(because)}；十分钟内最后才尝试该地址。`,
  gatewayAddressesLost: ({ path, because }) =>
    `${path} 中保存的网关地址不可信：${clause(because)}；将重新获取。`,
  gatewayAddressesNotKept: ({ because }) => `网关地址仅在本次运行期间有效：${clause(because)}。`,
};
